//! Tells the compiler which PHP it builds for, and the linker that the library stays loaded.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(php86)");
    if std::env::var_os("CARGO_FEATURE_PHP").is_none() {
        return;
    }
    println!("cargo:rerun-if-env-changed=PHP_CONFIG");
    println!("cargo:rerun-if-env-changed=PHP");
    let php_config = std::env::var("PHP_CONFIG").unwrap_or_else(|_| "php-config".into());
    let version = std::process::Command::new(php_config)
        .arg("--vernum")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .and_then(|text| text.trim().parse::<u32>().ok());
    if version.is_some_and(|version| version >= 80_600) {
        println!("cargo:rustc-cfg=php86");
    }
    // Thread-local values and waiting threads may outlive the module's shutdown; code that they
    // would run must not be unmapped.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
