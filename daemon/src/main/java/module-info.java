/// The daemon: configuration, HTTP server, and the wiring of everything.
module dev.hostal.daemon {
    requires dev.hostal.core;
    requires dev.hostal.api;
    requires dev.hostal.docker;
    requires dev.hostal.qemu;
    requires dev.hostal.container;
    requires dev.hostal.storage;
    requires dev.hostal.sim;
    requires dev.hostal.image;
    requires dev.hostal.linux;
    requires dev.hostal.network;
    requires dev.hostal.store;
    requires dev.hostal.agent;
    requires dev.hostal.domain;
    requires dev.hostal.oci;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires jdk.net;
    requires org.eclipse.jetty.http;
    requires org.eclipse.jetty.io;
    requires org.eclipse.jetty.server;
    requires org.eclipse.jetty.unixdomain.server;
    requires org.eclipse.jetty.util;
    requires org.eclipse.jetty.websocket.api;
    requires org.eclipse.jetty.websocket.server;
    requires org.slf4j;

    provides ch.qos.logback.classic.spi.Configurator with dev.hostal.daemon.SilentUntilBegun;
}
