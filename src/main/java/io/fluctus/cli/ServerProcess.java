package io.fluctus.cli;

import io.fluctus.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the measured server costs, read from /proc (Linux): the tool and the server are on one machine then. */
record ServerProcess(long pid) {
    /** USER_HZ, which is 100 wherever Linux runs Java. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER_TICKS = 11; // of the fields behind the command's name, proc(5)
    private static final int RESIDENT_PAGES = 21;
    private static final int PAGE = 4096;

    /** Seconds of CPU since its start. */
    double cpuSeconds() {
        String[] fields = fields();
        return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1])) / TICKS_PER_SECOND;
    }

    /** Bytes of memory. */
    long residentBytes() {
        return Long.parseLong(fields()[RESIDENT_PAGES]) * PAGE;
    }

    /** Without the process id and the name, which may hold blanks. */
    private String[] fields() {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        } catch (IOException e) {
            throw new ConfigException("--pid " + pid + ": no such process, or no Linux");
        }
    }
}
