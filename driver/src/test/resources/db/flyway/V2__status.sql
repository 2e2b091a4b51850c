ALTER TABLE purchase ADD COLUMN status VARCHAR(10) DEFAULT 'NEW' NOT NULL;
CREATE INDEX purchase_status ON purchase(status);
INSERT INTO purchase(customer_id, total) SELECT id, 10 * id FROM customer;
