package io.fluctus.record;

import io.fluctus.media.MediaPacket;
import java.util.List;

/** A stream on its way into files, as the steps that the disk has to do; begins with a key frame. */
interface Recording {
    /** The steps for the next packet of the stream. */
    List<Step> receive(MediaPacket packet);

    /** The steps that end the last file; nothing is received afterwards. */
    List<Step> end();

    /** Packets were lost: it goes on with the next key frame. */
    void skip();
}
