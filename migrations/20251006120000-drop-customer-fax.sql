-- phase: contract
-- change: nobody has a fax any more; the numbers are in the snapshot that is taken before this

-- migrate:up
ALTER TABLE shop.customers DROP COLUMN fax;

-- migrate:down
ALTER TABLE shop.customers ADD COLUMN fax text;
