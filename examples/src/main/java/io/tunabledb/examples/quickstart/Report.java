package io.tunabledb.examples.quickstart;

import java.util.List;

/**
 * A question about the music shop.
 *
 * @param title what it asks
 * @param sql in H2's SQL, its rows fully ordered
 */
record Report(String title, String sql) {

    static final List<Report> ALL = List.of(
            new Report("revenue by genre (joins, grouping)", """
                    SELECT g.Name, COUNT(*) AS sold, SUM(l.UnitPrice * l.Quantity) AS revenue
                    FROM InvoiceLine l JOIN Track t USING (TrackId) JOIN Genre g ON g.GenreId = t.GenreId
                    GROUP BY g.Name HAVING COUNT(*) > 5 ORDER BY revenue DESC, g.Name"""),
            new Report("best customer of each country (window over grouping)", """
                    SELECT * FROM (
                      SELECT c.Country, c.FirstName, c.LastName, SUM(i.Total) AS spent,
                             RANK() OVER (PARTITION BY c.Country ORDER BY SUM(i.Total) DESC) AS place
                      FROM Customer c JOIN Invoice i USING (CustomerId)
                      GROUP BY c.Country, c.CustomerId, c.FirstName, c.LastName)
                    WHERE place = 1 ORDER BY Country, LastName, FirstName"""),
            new Report("running revenue by month (CTE, window)", """
                    WITH monthly(month_start, revenue) AS (
                      SELECT DATE_TRUNC('MONTH', InvoiceDate), SUM(Total) FROM Invoice
                      GROUP BY DATE_TRUNC('MONTH', InvoiceDate))
                    SELECT month_start, revenue, SUM(revenue) OVER (ORDER BY month_start) AS so_far,
                           LAG(revenue) OVER (ORDER BY month_start) AS month_before
                    FROM monthly ORDER BY month_start"""),
            new Report("who reports to whom (recursive CTE)", """
                    WITH RECURSIVE chain(EmployeeId, LastName, depth, path) AS (
                      SELECT EmployeeId, LastName, 0, CAST(LastName AS VARCHAR(500))
                      FROM Employee WHERE ReportsTo IS NULL
                      UNION ALL
                      SELECT e.EmployeeId, e.LastName, c.depth + 1, CAST(c.path || ' > ' || e.LastName AS VARCHAR(500))
                      FROM Employee e JOIN chain c ON e.ReportsTo = c.EmployeeId)
                    SELECT depth, path FROM chain ORDER BY path"""),
            new Report("albums nobody bought from (NOT EXISTS, left join)", """
                    SELECT a.Title, r.Name, COUNT(t.TrackId) AS tracks
                    FROM Album a JOIN Artist r USING (ArtistId) LEFT JOIN Track t ON t.AlbumId = a.AlbumId
                    WHERE NOT EXISTS (SELECT 1 FROM InvoiceLine l JOIN Track s USING (TrackId) WHERE s.AlbumId = a.AlbumId)
                    GROUP BY a.AlbumId, a.Title, r.Name ORDER BY tracks DESC, a.Title, a.AlbumId"""),
            new Report("support staff and what their customers spend (three joins, AVG)", """
                    SELECT e.LastName, COUNT(DISTINCT c.CustomerId) AS customers, SUM(i.Total) AS revenue,
                           ROUND(AVG(i.Total), 4) AS average
                    FROM Employee e JOIN Customer c ON c.SupportRepId = e.EmployeeId
                    JOIN Invoice i ON i.CustomerId = c.CustomerId GROUP BY e.EmployeeId, e.LastName ORDER BY e.LastName"""),
            new Report("longest tracks of each medium (ranking, QUALIFY)", """
                    SELECT m.Name AS medium, t.Name AS track, t.Milliseconds
                    FROM Track t JOIN MediaType m USING (MediaTypeId)
                    QUALIFY ROW_NUMBER() OVER (PARTITION BY m.MediaTypeId ORDER BY t.Milliseconds DESC, t.TrackId) <= 3
                    ORDER BY m.Name, t.Milliseconds DESC, t.Name"""),
            new Report("playlists by genre share (subquery, set operation)", """
                    SELECT p.Name, g.Name AS genre, COUNT(*) AS tracks,
                           COUNT(*) * 100 / (SELECT COUNT(*) FROM PlaylistTrack x WHERE x.PlaylistId = p.PlaylistId) AS share
                    FROM Playlist p JOIN PlaylistTrack pt USING (PlaylistId) JOIN Track t ON t.TrackId = pt.TrackId
                    JOIN Genre g ON g.GenreId = t.GenreId GROUP BY p.PlaylistId, p.Name, g.Name
                    UNION ALL
                    SELECT p.Name, 'empty', 0, 0 FROM Playlist p
                    WHERE p.PlaylistId NOT IN (SELECT PlaylistId FROM PlaylistTrack)
                    ORDER BY 1, 2, 3, 4"""));
}
