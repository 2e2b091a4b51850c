package io.tunabledb.durability;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;

/** Clicks through nodes that are cut off, until it is killed; every acknowledged click is a line. */
final class OutboxVictim {
    static final String CLICK = "UPDATE COUNTER SET N = N + 1 WHERE ID = ? WITH CONSISTENCY EVENTUAL";

    private OutboxVictim() {}

    /**
     * Clicks until it is killed.
     *
     * @param arguments the URL, then the nodes that are cut off and clicked through
     */
    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        try (Connection connection = DriverManager.getConnection(url)) {
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            List<Thread> clients = new ArrayList<>();
            for (int i = 1; i < arguments.length; i++) {
                int node = Integer.parseInt(arguments[i]);
                cluster.isolate(node);
                for (int client = 0; client < 4; client++) {
                    clients.add(new Thread(() -> click(url, node)));
                }
            }
            System.out.println("READY");
            clients.forEach(Thread::start);
            for (Thread client : clients) {
                client.join();
            }
        }
    }

    private static void click(String url, int node) {
        try (Connection connection = DriverManager.getConnection(url + "&home=" + node);
                PreparedStatement click = connection.prepareStatement(CLICK)) {
            while (true) {
                click.setInt(1, node);
                click.executeUpdate();
                // one call, so that lines of several threads don't mix
                System.out.println("CLICK " + node);
            }
        } catch (Exception e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(3);
        }
    }
}
