/* A stand-in for the phalcon extension: its name, and one of its classes. The real one is not in
 * Debian's packages. */
#include "php.h"

static zend_function_entry no_functions[] = {ZEND_FE_END};

static PHP_MINIT_FUNCTION(phalcon) {
    zend_class_entry manager;
    INIT_NS_CLASS_ENTRY(manager, "Phalcon\\Session", "Manager", no_functions);
    zend_register_internal_class(&manager);
    return SUCCESS;
}

zend_module_entry phalcon_module_entry = {
    STANDARD_MODULE_HEADER, "phalcon", NULL, PHP_MINIT(phalcon), NULL, NULL, NULL, NULL, "5.9.3", STANDARD_MODULE_PROPERTIES};

ZEND_GET_MODULE(phalcon)
