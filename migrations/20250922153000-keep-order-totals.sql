-- change: an order knows its total; a trigger keeps it

-- migrate:up
ALTER TABLE shop.orders ADD COLUMN total_cents bigint NOT NULL DEFAULT 0;

CREATE FUNCTION shop.keep_order_total() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  -- the order before and after; a line rarely moves from one to another
  touched bigint[] := ARRAY[]::bigint[];
BEGIN
  IF TG_OP <> 'INSERT' THEN
    touched := touched || OLD.order_id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    touched := touched || NEW.order_id;
  END IF;
  UPDATE shop.orders AS o
  SET total_cents = COALESCE((SELECT sum(l.quantity * l.price_cents) FROM shop.order_lines AS l WHERE l.order_id = o.id), 0)
  WHERE o.id = ANY (touched[1:2]);
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_order_total
AFTER INSERT OR UPDATE OR DELETE ON shop.order_lines
FOR EACH ROW EXECUTE FUNCTION shop.keep_order_total();

-- migrate:down
DROP TRIGGER keep_order_total ON shop.order_lines;
DROP FUNCTION shop.keep_order_total();
ALTER TABLE shop.orders DROP COLUMN total_cents;

-- migrate:verify
SELECT count(*) = 1 FROM pg_trigger WHERE tgrelid = to_regclass('shop.order_lines') AND tgname = 'keep_order_total';
SELECT count(*) = 0 FROM shop.orders WHERE total_cents < 0;
