<?php

declare(strict_types=1);

namespace Phalcon\Db\Adapter\Pdo;

class Mysql extends AbstractPdo
{
    public function getType(): string
    {
        return 'mysql';
    }
}
