package dev.hostal.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/// Where the log goes: `daemon.log` in the home, within limits. Written in code, because reading a configuration
/// costs a fifth of a second at each start.
final class Logs {
    private static final long FILE_MAX = 10L << 20;
    private static final int OLD_FILES_MAX = 3;
    /// How often the size is looked at. Source: logback's default is a minute, in which a disk can be filled.
    private static final int CHECK_MILLIS = 50;
    private static final String LINE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0} %msg%n";

    private Logs() {}

    /// @param level as in [Setting#LOG_LEVEL]
    static void begin(Path file, String level, boolean stderrToo) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level));
        // Jetty tells at info what nobody would tell a colleague.
        if (root.getLevel().isGreaterOrEqual(Level.INFO)) context.getLogger("org.eclipse.jetty").setLevel(Level.WARN);
        root.addAppender(toFile(context, file));
        if (stderrToo) {
            var console = new ConsoleAppender<ILoggingEvent>();
            console.setTarget("System.err");
            root.addAppender(started(console, context));
        }
    }

    /// Writes out what is still to be written.
    static void end() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    private static Appender<ILoggingEvent> toFile(LoggerContext context, Path file) {
        var appender = new RollingFileAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setFile(file.toString());
        var policy = new FixedWindowRollingPolicy();
        policy.setContext(context);
        policy.setParent(appender);
        policy.setFileNamePattern(file + ".%i");
        policy.setMinIndex(1);
        policy.setMaxIndex(OLD_FILES_MAX);
        policy.start();
        var trigger = new SizeBasedTriggeringPolicy<ILoggingEvent>();
        trigger.setContext(context);
        trigger.setMaxFileSize(new FileSize(FILE_MAX));
        trigger.setCheckIncrement(Duration.buildByMilliseconds(CHECK_MILLIS));
        trigger.start();
        appender.setRollingPolicy(policy);
        appender.setTriggeringPolicy(trigger);
        return started(appender, context);
    }

    private static Appender<ILoggingEvent> started(OutputStreamAppender<ILoggingEvent> appender, LoggerContext context) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern(LINE);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }
}
