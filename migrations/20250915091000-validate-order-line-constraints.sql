-- phase: contract
-- change: the constraints hold for old order lines, too

-- migrate:up
ALTER TABLE shop.order_lines VALIDATE CONSTRAINT order_lines_product_id_fkey;
ALTER TABLE shop.order_lines VALIDATE CONSTRAINT order_lines_quantity_check;

-- migrate:down
-- PostgreSQL cannot take a validation back, so both are added anew as they were.
ALTER TABLE shop.order_lines DROP CONSTRAINT order_lines_quantity_check;
ALTER TABLE shop.order_lines DROP CONSTRAINT order_lines_product_id_fkey;
ALTER TABLE shop.order_lines
  ADD CONSTRAINT order_lines_product_id_fkey FOREIGN KEY (product_id) REFERENCES shop.products (id) NOT VALID;
ALTER TABLE shop.order_lines
  ADD CONSTRAINT order_lines_quantity_check CHECK (quantity > 0) NOT VALID;

-- migrate:verify
SELECT bool_and(convalidated) FROM pg_constraint WHERE conrelid = to_regclass('shop.order_lines');
