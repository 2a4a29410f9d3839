<?php

declare(strict_types=1);

namespace Phalcon\Db\Adapter\Pdo;

class Sqlite extends AbstractPdo
{
    public function getType(): string
    {
        return 'sqlite';
    }
}
