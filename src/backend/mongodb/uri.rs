//! The driver's own connection string, put together again from a DSN that was taken apart and from
//! options that were said by name.

use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use std::fmt::Write;

/// The driver's options that are handed on as they are, each as it is documented and in lower case: the
/// driver does not tell the two apart.
const HANDED_ON: &[[&str; 2]] = &[
    ["appName", "appname"],
    ["authMechanism", "authmechanism"],
    ["authMechanismProperties", "authmechanismproperties"],
    ["authSource", "authsource"],
    ["connectTimeoutMS", "connecttimeoutms"],
    ["directConnection", "directconnection"],
    ["heartbeatFrequencyMS", "heartbeatfrequencyms"],
    ["journal", "journal"],
    ["loadBalanced", "loadbalanced"],
    ["localThresholdMS", "localthresholdms"],
    ["maxConnecting", "maxconnecting"],
    ["maxIdleTimeMS", "maxidletimems"],
    ["maxPoolSize", "maxpoolsize"],
    ["readConcernLevel", "readconcernlevel"],
    ["replicaSet", "replicaset"],
    ["retryReads", "retryreads"],
    ["retryWrites", "retrywrites"],
    ["serverSelectionTimeoutMS", "serverselectiontimeoutms"],
    ["srvMaxHosts", "srvmaxhosts"],
    ["srvServiceName", "srvservicename"],
    ["ssl", "ssl"],
    ["tls", "tls"],
    ["tlsAllowInvalidCertificates", "tlsallowinvalidcertificates"],
    ["tlsCAFile", "tlscafile"],
    ["tlsCertificateKeyFile", "tlscertificatekeyfile"],
    ["tlsInsecure", "tlsinsecure"],
    ["w", "w"],
    ["wtimeoutMS", "wtimeoutms"],
];

/// Options of which other drivers make use, and which mean nothing here: one connection for each worker,
/// looked after as it is used.
const WITHOUT_MEANING: &[[&str; 2]] = &[
    ["minPoolSize", "minpoolsize"],
    ["serverMonitoringMode", "servermonitoringmode"],
    ["socketTimeoutMS", "sockettimeoutms"],
    ["uuidRepresentation", "uuidrepresentation"],
    ["waitQueueTimeoutMS", "waitqueuetimeoutms"],
];

/// Options that name files, which must be allowed.
pub(super) const FILES: [&str; 2] = ["tlsCAFile", "tlsCertificateKeyFile"];

/// What is handed on, by name.
pub(super) fn take(reader: &mut Reader) -> Vec<(&'static str, String)> {
    for names in WITHOUT_MEANING {
        reader.take(names);
    }
    HANDED_ON.iter().filter_map(|names| Some((names[0], reader.text(names)?))).collect()
}

/// The connection string. A path that is there names the database of the credentials.
pub(super) fn compose(dsn: &Dsn, hosts: &str, options: &[(&str, String)]) -> String {
    let mut text = format!("{}://", dsn.scheme);
    if let Some(user) = &dsn.user {
        encode(user, &mut text);
        if let Some(password) = &dsn.password {
            text.push(':');
            encode(password, &mut text);
        }
        text.push('@');
    }
    text.push_str(hosts);
    text.push('/');
    encode(dsn.path.trim_start_matches('/'), &mut text);
    for (place, (name, value)) in options.iter().enumerate() {
        text.push(if place == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

/// Percent-encodes all that could mean something.
pub(super) fn encode(text: impl AsRef<[u8]>, into: &mut String) {
    for byte in text.as_ref() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            into.push(char::from(*byte));
        } else {
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_apart_is_put_together() {
        let dsn = Dsn::parse("mongodb://us%40er:p%2Fw@h1:27018,[::1]/app").unwrap();
        let options = [("replicaSet", "rs 0".to_owned()), ("tls", "true".to_owned())];
        let text = compose(&dsn, &dsn.host, &options);
        assert_eq!(text, "mongodb://us%40er:p%2Fw@h1:27018,[::1]/app?replicaSet=rs%200&tls=true");
        let socket = Dsn::parse("mongodb://%2Frun%2Fmongodb-27017.sock").unwrap();
        assert_eq!(compose(&socket, &socket.host, &[]), "mongodb://%2Frun%2Fmongodb-27017.sock/");
    }
}
