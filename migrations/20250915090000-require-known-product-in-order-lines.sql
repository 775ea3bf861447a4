-- phase: expand
-- change: new order lines name a product and a quantity; the old ones are looked at by the next migration

-- migrate:up
ALTER TABLE shop.order_lines
  ADD CONSTRAINT order_lines_product_id_fkey FOREIGN KEY (product_id) REFERENCES shop.products (id) NOT VALID;

ALTER TABLE shop.order_lines
  ADD CONSTRAINT order_lines_quantity_check CHECK (quantity > 0) NOT VALID;

-- migrate:down
ALTER TABLE shop.order_lines DROP CONSTRAINT order_lines_quantity_check;
ALTER TABLE shop.order_lines DROP CONSTRAINT order_lines_product_id_fkey;
