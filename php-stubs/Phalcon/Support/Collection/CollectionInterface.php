<?php

// Phalcon 5's name of the class.
class_alias(\Phalcon\Collection\CollectionInterface::class, 'Phalcon\Support\Collection\CollectionInterface');
