-- change: one customer per address, whatever its case

-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY customers_email_idx ON shop.customers (lower(email));

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY shop.customers_email_idx;

-- migrate:verify
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('shop.customers_email_idx');
