-- phase: expand
-- change: an order says how far it is

-- migrate:up
CREATE TYPE shop.order_status AS ENUM ('placed', 'paid', 'shipped', 'cancelled');

ALTER TABLE shop.orders ADD COLUMN status shop.order_status NOT NULL DEFAULT 'placed';

-- migrate:down
ALTER TABLE shop.orders DROP COLUMN status;

DROP TYPE shop.order_status;
