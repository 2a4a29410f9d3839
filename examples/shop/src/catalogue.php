<?php
// What the shop sells and who may log in. A real shop asks a database.

declare(strict_types=1);

namespace Shop;

/** @return array<string, array{name: string, about: string, cents: int}> by article number */
function articles(): array
{
    return [
        'reed-pen' => ['name' => 'Reed pen', 'about' => 'Cut from the banks of the Nile.', 'cents' => 450],
        'papyrus' => ['name' => 'Papyrus, 10 sheets', 'about' => 'Takes ink on both sides.', 'cents' => 1290],
        'palette' => ['name' => 'Scribe\'s palette', 'about' => 'Two wells: red & black.', 'cents' => 3400],
        'ink' => ['name' => 'Lamp-black ink', 'about' => 'Lasts 4000 years <or more>.', 'cents' => 820],
    ];
}

/** The customer's name if the password is right. */
function customer(string $login, string $password): ?string
{
    // ada / lovelace. The hash of nobody's password is checked too, so that the time that an
    // answer takes does not tell who is a customer.
    $customers = ['ada' => ['Ada', '$2y$10$9QGhr.gCv9EJLPili5ami.daZ3gMKGqpk5Osqd2.gbYrPGRaK55.K']];
    [$name, $hash] = $customers[$login] ?? [null, '$2y$10$9QGhr.gCv9EJLPili5ami.daZ3gMKGqpk5Osqd2.gbYrPGRaK55.K'];
    return password_verify($password, $hash) ? $name : null;
}

/** Asks the warehouse. Takes as long as such a question takes: long enough for requests to meet. */
function inStock(string $article): bool
{
    usleep(20_000);
    return isset(articles()[$article]);
}
