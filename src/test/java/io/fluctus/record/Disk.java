package io.fluctus.record;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** The files that steps would make, in memory. */
final class Disk {
    final List<Buffer> files = new ArrayList<>();
    final List<Long> millis = new ArrayList<>();

    void run(List<Step> steps) {
        for (Step step : steps) {
            if (step instanceof Step.Open) {
                files.add(Buffer.buffer());
            } else if (step instanceof Step.Append append) {
                last().appendBuffer(append.bytes());
            } else if (step instanceof Step.Patch patch) {
                last().setBuffer(Math.toIntExact(patch.position()), patch.bytes());
            } else if (step instanceof Step.Close close) {
                millis.add(close.millis());
            }
        }
    }

    Buffer last() {
        return files.get(files.size() - 1);
    }
}
