-- change: the products the shop opens with

-- migrate:up
INSERT INTO shop.products (sku, title, price_cents, tags) VALUES
  ('ROPE-10', 'Mooring rope, 10 m', 2450, '{rope,deck}'),
  ('FEND-S', 'Fender, small', 1290, '{fender,deck}'),
  ('WIND-1', 'Windlass handle', 3900, '{lock,tool}'),
  ('LAMP-N', 'Navigation lamp; 12:24 V', 5400, '{light}');

-- migrate:down
DELETE FROM shop.products WHERE sku IN ('ROPE-10', 'FEND-S', 'WIND-1', 'LAMP-N');

-- migrate:verify
SELECT count(*) = 4 FROM shop.products WHERE sku IN ('ROPE-10', 'FEND-S', 'WIND-1', 'LAMP-N');
