package io.tunabledb.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Rows as text in columns. The last column is never padded. */
public final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();

    /** A table with these headings. */
    public TextTable(List<String> headings) {
        rows.add(List.copyOf(headings));
    }

    /** Adds a row of as many cells as there are headings. */
    public void row(List<String> cells) {
        if (cells.size() != rows.get(0).size()) {
            throw new IllegalArgumentException(
                    cells.size() + " cells for " + rows.get(0).size() + " columns");
        }
        rows.add(List.copyOf(cells));
    }

    /** The lines: headings, a rule, then the rows. */
    public List<String> lines() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines =
                new ArrayList<>(rows.stream().map(row -> line(row, widths)).toList());
        lines.add(1, "-".repeat(lines.stream().mapToInt(String::length).max().orElse(0)));
        return lines;
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i);
            line.append(i == 0 ? "" : "  ").append(cell).append(" ".repeat(widths[i] - cell.length()));
        }
        return line.toString().stripTrailing();
    }

    @Override
    public String toString() {
        return lines().stream().collect(Collectors.joining(System.lineSeparator()));
    }
}
