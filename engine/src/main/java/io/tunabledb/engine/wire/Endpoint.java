package io.tunabledb.engine.wire;

/**
 * Where a node listens: a host's name, which is looked up anew with every connection and so is never an address that was found
 * once, and a port.
 */
public record Endpoint(String host, int port) {

    public Endpoint {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    host + ":" + port + " is no host and port; write for example db1.example.org:7001");
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
