<?php

namespace Phalcon\Collection;

/** What collections throw. Also known as `Phalcon\Support\Collection\Exception`. */
class Exception extends \Phalcon\Exception
{
}
