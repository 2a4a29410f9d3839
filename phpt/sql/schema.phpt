--TEST--
Seshat\Schema::sql() says what creates the table of a store, and takes the same options
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--FILE--
<?php
echo Seshat\Schema::sql('sqlite:///nowhere/sessions.db'), "\n";
echo Seshat\Schema::sql('sqlite::memory:?schema=phalcon', ['timestamps' => 'datetime', 'table' => 'order']), "\n";
echo Seshat\Schema::sql(['store' => 'sqlite', 'path' => ':memory:', 'schema' => 'laravel', 'column_id' => 'sid']), "\n";
foreach ([
    'memory:',
    'sqlite::memory:?schema=larvel',
    'sqlite::memory:?table=a;DROP%20TABLE%20users',
    'sqlite::memory:?column_id=a%22b&column_dta=x',
] as $dsn) {
    try {
        Seshat\Schema::sql($dsn);
    } catch (Seshat\Exception $exception) {
        echo $exception->getMessage(), "\n";
    }
}
--EXPECT--
CREATE TABLE "sessions" ("id" TEXT NOT NULL PRIMARY KEY, "expires_at" INTEGER NOT NULL, "ref" TEXT, "data" BLOB NOT NULL);
CREATE INDEX "sessions_expires_at" ON "sessions" ("expires_at");
CREATE INDEX "sessions_ref" ON "sessions" ("ref", "id") WHERE "ref" IS NOT NULL;

CREATE TABLE "order" ("session_id" TEXT NOT NULL PRIMARY KEY, "data" BLOB NOT NULL, "created_at" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, "modified_at" TIMESTAMP NULL DEFAULT NULL);
CREATE INDEX "order_modified_at" ON "order" ("modified_at", "created_at");

CREATE TABLE "sessions" ("sid" TEXT NOT NULL PRIMARY KEY, "user_id" INTEGER, "ip_address" TEXT, "user_agent" TEXT, "payload" TEXT NOT NULL, "last_activity" INTEGER NOT NULL);
CREATE INDEX "sessions_last_activity" ON "sessions" ("last_activity");
CREATE INDEX "sessions_user_id" ON "sessions" ("user_id");

the store memory needs no table
option "schema" must be one of seshat, phalcon, dalmp, handlersocket, symfony, laravel; did you mean "laravel"?
option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
option "column_id" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"; unknown option "column_dta"; did you mean "column_data"?
