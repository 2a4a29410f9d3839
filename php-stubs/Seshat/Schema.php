<?php

namespace Seshat;

/**
 * The table that a store in a database needs, for whoever wants to create it before the first session: an
 * administrator, a migration, a deployment whose application may not create tables.
 *
 *     echo Seshat\Schema::sql('sqlite:///var/lib/app/sessions.db?schema=symfony');
 *     $pdo->exec(Seshat\Schema::sql($dsn));
 *
 * A store creates a missing table itself only where `create_table=1` is said, and SQLite in a database that has no table
 * yet. Otherwise its error holds the same statements.
 */
final class Schema
{
    /**
     * The statements that create the table with its indexes, each ended by `;` and a line feed. They are those of the
     * options `schema`, `table` and `column_...`; without `schema` Seshat's own table, also where a table of another
     * library is there already.
     *
     * Connects to nothing and looks at nothing: a statement fails if there is such a table.
     *
     * @param string|array<string, mixed> $dsn what the constructor of {@see Handler} takes
     * @param array<string, mixed> $options more options; they replace those of the first argument
     *
     * @throws Exception for a store that has no tables, for an unknown store or option (with the nearest known name) and
     *     for values that make no sense, all in one message
     */
    public static function sql(#[\SensitiveParameter] string|array $dsn, #[\SensitiveParameter] array $options = []): string
    {
        throw new \LogicException('The PHP extension "seshat" is not loaded.');
    }
}
