-- change: products are found by their tags without a scan

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY products_tags_idx ON shop.products USING gin (tags);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY shop.products_tags_idx;

-- migrate:verify
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('shop.products_tags_idx');
