-- change: orders and their lines

-- migrate:up
CREATE TABLE shop.orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES shop.customers (id),
  placed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.order_lines (
  order_id bigint NOT NULL REFERENCES shop.orders (id) ON DELETE CASCADE,
  line integer NOT NULL,
  product_id bigint NOT NULL,
  quantity integer NOT NULL,
  price_cents bigint NOT NULL,
  PRIMARY KEY (order_id, line)
);

CREATE INDEX orders_customer_id_idx ON shop.orders (customer_id);

-- migrate:down
DROP TABLE shop.order_lines;
DROP TABLE shop.orders;
