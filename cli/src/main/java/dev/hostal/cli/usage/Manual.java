package dev.hostal.cli.usage;

import java.util.List;

/// A command's manual page as text for a terminal of 80 columns.
public final class Manual {
    private static final int WIDTH = 80;
    private static final String INDENT = "    ";
    /// Column at which the summaries of options begin.
    private static final int SUMMARY_COLUMN = 32;

    private final StringBuilder text = new StringBuilder();

    private Manual() {}

    public static String of(Usage usage, List<String> aliases) {
        var manual = new Manual();
        manual.heading("NAME");
        manual.paragraph("hostal " + usage.name() + " - " + usage.summary());
        manual.heading("SYNOPSIS");
        manual.paragraph(usage.synopsis());
        if (!aliases.isEmpty()) manual.paragraph("Also: hostal " + String.join(", hostal ", aliases));
        manual.heading("DESCRIPTION");
        for (var paragraph : usage.description().strip().split("\n\n")) {
            manual.paragraph(paragraph);
            manual.text.append('\n');
        }
        manual.text.setLength(manual.text.length() - 1);
        manual.heading("OPTIONS");
        usage.allOptions().forEach(manual::option);
        if (!usage.notes().isEmpty()) {
            manual.heading("EXIT STATUS");
            usage.notes().forEach(manual::note);
        }
        if (!usage.examples().isEmpty()) {
            manual.heading("EXAMPLES");
            for (var example : usage.examples()) {
                manual.paragraph(example.purpose() + ":");
                manual.text.append(INDENT).append(INDENT).append(example.line()).append('\n');
            }
        }
        return manual.text.toString();
    }

    private void heading(String title) {
        if (!text.isEmpty()) text.append('\n');
        text.append(title).append('\n');
    }

    private void paragraph(String words) {
        text.append(INDENT);
        wrap(words, INDENT.length());
    }

    private void option(Option option) {
        var summary = option.summary();
        if (!option.choices().isEmpty()) summary += " One of: " + String.join(", ", option.choices()) + ".";
        if (option.repeatable()) summary += " May be repeated.";
        entry(option.shown(), summary);
    }

    private void note(String line) {
        int gap = line.indexOf("  ");
        entry(line.substring(0, gap), line.substring(gap).strip());
    }

    private void entry(String name, String summary) {
        text.append(INDENT).append(name);
        int column = INDENT.length() + name.length();
        if (column + 2 > SUMMARY_COLUMN) {
            text.append('\n');
            column = 0;
        }
        text.append(" ".repeat(SUMMARY_COLUMN - column));
        wrap(summary, SUMMARY_COLUMN);
    }

    /// Appends the words, which begin at the given column and go on there.
    private void wrap(String words, int indent) {
        int column = indent;
        boolean first = true;
        for (var word : words.split("\\s+")) {
            if (!first && column + 1 + word.length() > WIDTH) {
                text.append('\n').append(" ".repeat(indent));
                column = indent;
            } else if (!first) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
            first = false;
        }
        text.append('\n');
    }
}
