-- change: the shop's first two tables

-- migrate:up
CREATE SCHEMA shop;

CREATE TABLE shop.customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  full_name text NOT NULL,
  fax text,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shop.products (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  title text NOT NULL,
  price_cents bigint NOT NULL CHECK (price_cents >= 0),
  tags text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE shop.products;
DROP TABLE shop.customers;
DROP SCHEMA shop;

-- migrate:verify
SELECT to_regclass('shop.customers') IS NOT NULL AND to_regclass('shop.products') IS NOT NULL;
