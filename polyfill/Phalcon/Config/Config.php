<?php

declare(strict_types=1);

// Another name of Phalcon\Config, which declares it.
class_exists(\Phalcon\Config::class);
