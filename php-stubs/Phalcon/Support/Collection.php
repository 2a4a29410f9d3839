<?php

// Phalcon 5's name of the class.
class_alias(\Phalcon\Collection::class, 'Phalcon\Support\Collection');
