<?php

declare(strict_types=1);

// Another name of Phalcon\Di, which declares it.
class_exists(\Phalcon\Di::class);
