/**
 * Functions of the extensions in PostgreSQL's own contrib (and those of PostgreSQL 18) that change nothing stored, by names
 * distinctive enough that a project would not reuse them. Not among them: `dblink` and `connectby`, which run SQL.
 * https://www.postgresql.org/docs/17/contrib.html
 */
export const extensionFunctions: ReadonlySet<string> = new Set(
  `
    array_reverse array_sort casefold crc32 crc32c gamma lgamma uuidv4 uuidv7
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns
    uuid_ns_oid uuid_ns_url uuid_ns_x500
    armor crypt dearmor decrypt_iv digest encrypt_iv gen_random_bytes gen_salt hmac pgp_armor_headers pgp_key_id
    pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_decrypt pgp_sym_decrypt_bytea
    pgp_sym_encrypt pgp_sym_encrypt_bytea
    set_limit show_limit show_trgm similarity similarity_dist strict_word_similarity word_similarity
    citext citext_cmp citext_hash citext_larger citext_smaller
    akeys avals hstore hstore_to_array hstore_to_json hstore_to_json_loose hstore_to_jsonb hstore_to_jsonb_loose
    hstore_to_matrix skeys slice svals
    lca ltree2text nlevel subltree subpath text2ltree
    unaccent daitch_mokotoff dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone soundex
    icount intset sort_asc sort_desc uniq cube cube_distance cube_union earth earth_box earth_distance ll_to_earth
    gbt_decompress normal_rand moddatetime insert_username autoinc triggered_change_notification
    pgstattuple pgstatindex pgrowlocks pg_stat_statements pg_prewarm pg_buffercache_pages verify_heapam bt_index_check
  `
    .trim()
    .split(/\s+/),
);
