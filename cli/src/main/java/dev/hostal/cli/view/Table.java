package dev.hostal.cli.view;

import dev.hostal.cli.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Rows in aligned columns. On a terminal that is too narrow the widest columns give way.
public final class Table {
    private static final String GAP = "   ";
    /// No column is made narrower.
    private static final int NARROWEST = 8;

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        this.header = List.of(header);
    }

    public void row(String... cells) {
        var row = new ArrayList<String>();
        for (var cell : cells) {
            row.add(printable(cell));
        }
        rows.add(row);
    }

    /// @param columns of the terminal; empty for output of any width
    public void print(Output out, OptionalInt columns) throws IOException {
        var widths = widths();
        if (columns.isPresent()) narrow(widths, columns.getAsInt());
        print(out, header, widths);
        for (var row : rows) {
            print(out, row, widths);
        }
    }

    private int[] widths() {
        var widths = new int[header.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = length(header.get(i));
            for (var row : rows) {
                widths[i] = Math.max(widths[i], length(row.get(i)));
            }
        }
        return widths;
    }

    private static void narrow(int[] widths, int columns) {
        int total = GAP.length() * (widths.length - 1);
        for (int width : widths) {
            total += width;
        }
        while (total > columns) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                if (widths[i] > widths[widest]) widest = i;
            }
            if (widths[widest] <= NARROWEST) return;
            widths[widest]--;
            total--;
        }
    }

    private static void print(Output out, List<String> row, int[] widths) throws IOException {
        var line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            var cell = row.get(i);
            int length = length(cell);
            if (length > widths[i]) {
                cell = cell.substring(0, cell.offsetByCodePoints(0, widths[i] - 1)) + "…";
                length = widths[i];
            }
            line.append(cell);
            if (i < widths.length - 1) line.append(" ".repeat(widths[i] - length)).append(GAP);
        }
        out.line(line.toString().stripTrailing());
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /// A guest's text does not steer the terminal.
    private static String printable(String cell) {
        for (int i = 0; i < cell.length(); i++) {
            if (Character.isISOControl(cell.charAt(i))) return cell.replaceAll("\\p{Cntrl}", "?");
        }
        return cell;
    }
}
