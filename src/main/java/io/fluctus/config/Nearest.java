package io.fluctus.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** The known name that a mistyped one most likely meant. */
public final class Nearest {
    /** What is compared of a name; no known name is longer. */
    private static final int MAX_COMPARED = 64;

    private Nearest() {}

    /** The nearest of {@code names}, which is not empty; of equally near ones the first in the alphabet. */
    public static String of(String name, Collection<String> names) {
        return names.stream()
                .sorted()
                .min(Comparator.comparingInt(known -> distance(fold(name), fold(known))))
                .orElseThrow();
    }

    private static String fold(String name) {
        String start = name.length() > MAX_COMPARED ? name.substring(0, MAX_COMPARED) : name;
        return start.toLowerCase(Locale.ROOT);
    }

    /** Optimal string alignment: letters put in, left out, replaced, or two neighbours swapped, each counts one. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, d);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int step(String a, String b, int i, int j, int[][] d) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int best = Math.min(d[i - 1][j - 1] + (same ? 0 : 1), Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
    }
}
