-- the dial belongs to the schema, so it can be migrated like the rest of it
ALTER TABLE purchase SET CONSISTENCY (READ LINEARIZABLE);
