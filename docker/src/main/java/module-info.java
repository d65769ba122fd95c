/// The Docker Engine API as a face of the core.
module dev.hostal.docker {
    requires transitive dev.hostal.core;
    requires transitive org.eclipse.jetty.server;
    requires dev.hostal.json;
    requires dev.hostal.oci;
    requires org.eclipse.jetty.http;
    requires org.eclipse.jetty.http2.client;
    requires org.eclipse.jetty.http2.common;
    requires org.eclipse.jetty.http2.server;
    requires org.eclipse.jetty.io;
    requires org.eclipse.jetty.util;

    exports dev.hostal.docker;
}
