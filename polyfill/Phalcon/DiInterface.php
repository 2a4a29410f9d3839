<?php

declare(strict_types=1);

// Another name of Phalcon\Di\DiInterface, which declares it.
interface_exists(\Phalcon\Di\DiInterface::class);
