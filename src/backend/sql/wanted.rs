//! What the user said about the table, and whether a table that is there is such a one.

use super::dialect::Dialect;
use super::flavour::{Column, Flavour, Role, Times};
use super::identifier::{Identifier, RULE};
use super::moment::parse_zone;
use super::table::Table;
use crate::options::reader::Reader;
use crate::options::suggest;
use std::cmp::Reverse;

/// The options `schema`, `table`, `column_...`, `timestamps`, `timezone` and `create_table`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    flavour: Option<Flavour>,
    table: Option<Identifier>,
    columns: Vec<(Role, Identifier)>,
    times: Option<Times>,
    zone: Option<i64>,
    create: Option<bool>,
}

impl Wanted {
    /// Takes the options; mistakes are noted with the reader.
    ///
    /// | option | meaning | default |
    /// | --- | --- | --- |
    /// | `schema` | whose table it is: a name of [`Flavour`] | what the table's columns say |
    /// | `table` | its name | the flavour's |
    /// | `column_id`, `column_data`, `column_expiry`, `column_modified`, `column_created`, `column_ref` | columns with other names | the flavour's |
    /// | `timestamps` | `int` or `datetime`, where the flavour has both | what the columns' types say; `int` |
    /// | `timezone` | the zone of times that are text | UTC |
    /// | `create_table` | whether a missing table is created | up to the store |
    pub(crate) fn take(reader: &mut Reader) -> Self {
        let flavour = reader.text(&["schema", "flavour"]).and_then(|name| match Flavour::named(&name) {
            Ok(flavour) => Some(flavour),
            Err(sentence) => {
                reader.mistake(sentence);
                None
            }
        });
        let table = identifier(reader, &["table"]);
        let mut columns: Vec<(Role, Identifier)> = Vec::new();
        for role in Role::ALL {
            let Some(name) = identifier(reader, role.options()) else { continue };
            let option = role.options().first().copied().unwrap_or_default();
            if let Some(flavour) = flavour.filter(|flavour| !flavour.has(role)) {
                reader.mistake(format!(
                    "option \"{option}\" names a column that schema {} does not have",
                    flavour.name()
                ));
            } else if columns.iter().any(|(_, taken)| taken.names(name.as_str())) {
                reader.mistake(format!("option \"{option}\" names a column that has another meaning already"));
            } else {
                columns.push((role, name));
            }
        }
        let times = reader.choice(&["timestamps"], &[("int", Times::Unix), ("datetime", Times::Text)]);
        let zone = reader.text(&["timezone"]).and_then(|text| {
            let zone = parse_zone(&text);
            if zone.is_none() {
                reader.mistake("option \"timezone\" must be UTC or how far the zone is ahead of it, such as +02:00");
            }
            zone
        });
        Self { flavour, table, columns, times, zone, create: reader.switch(&["create_table"]) }
    }

    /// The table to look at.
    pub(crate) fn table(&self) -> Identifier {
        self.table.clone().unwrap_or_else(|| Identifier::known(self.flavour.unwrap_or(Flavour::Seshat).table()))
    }

    /// Whether a missing table is to be created, if the user said it.
    pub(crate) fn create(&self) -> Option<bool> {
        self.create
    }

    /// The table as it is where it has yet to be created.
    pub(crate) fn new_table(&self) -> Table {
        self.of_flavour(self.flavour.unwrap_or(Flavour::Seshat))
    }

    /// The statements that create it.
    pub(crate) fn creation(&self, dialect: Dialect) -> Vec<String> {
        self.new_table().definition(dialect)
    }

    /// The same as a script.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "handlersocket")),
        allow(dead_code, reason = "for stores with words of their own")
    )]
    pub(crate) fn definition(&self, dialect: Dialect) -> String {
        self.creation(dialect).iter().map(|statement| format!("{statement};\n")).collect()
    }

    /// The table as the user says it is, for a store that cannot ask the database about it; `otherwise`
    /// is whose it is where the user does not say.
    #[cfg_attr(not(feature = "handlersocket"), allow(dead_code, reason = "others look at the table"))]
    pub(crate) fn unseen(&self, otherwise: Flavour) -> Table {
        self.of_flavour(self.flavour.unwrap_or(otherwise))
    }

    /// The complaint that there is no table, with what creates it.
    pub(crate) fn missing(&self, dialect: Dialect) -> String {
        format!(
            "there is no table \"{}\"; have it created with create_table=1, or create it: {}",
            self.table(),
            self.creation(dialect).join("; ")
        )
    }

    /// The table with these columns, which is there.
    ///
    /// # Errors
    /// A clause that says in what the table does not fit, and which one would.
    pub(crate) fn fit(&self, existing: &[Column], dialect: Dialect) -> Result<Table, String> {
        let candidates: Vec<Flavour> = match self.flavour {
            Some(flavour) => vec![flavour],
            None => Flavour::ALL
                .into_iter()
                .filter(|flavour| self.columns.iter().all(|(role, _)| flavour.has(*role)))
                .collect(),
        };
        let mut tables: Vec<(Table, Vec<Identifier>)> = Vec::new();
        for flavour in candidates {
            let mut table = self.of_flavour(flavour);
            if table.column(Role::Reference).is_none() {
                table.columns.push((Role::Reference, Identifier::known(flavour.reference())));
            }
            let missing = Self::lacking(&table, existing);
            tables.push((table, missing));
        }
        let fitting: Vec<&Table> =
            tables.iter().filter(|(_, missing)| missing.is_empty()).map(|(table, _)| table).collect();
        match fitting.as_slice() {
            // Whoever has Seshat's columns is Seshat's, whatever else there is.
            [table] => self.settle(table, existing, dialect),
            [table, ..] if table.flavour == Flavour::Seshat => self.settle(table, existing, dialect),
            [] => {
                // The one that lacks the least, and of these the one that has the most.
                let nearest = tables.iter().min_by_key(|(table, missing)| {
                    let has = |(_, name): &&(Role, Identifier)| existing.iter().any(|column| name.names(&column.name));
                    (missing.len(), Reverse(table.columns.iter().filter(has).count()))
                });
                Err(match nearest {
                    Some((table, missing)) => self.unlike(table, missing, existing, dialect),
                    None => "the options \"column_...\" name columns that no schema has together".to_owned(),
                })
            }
            several => {
                let names: Vec<&str> = several.iter().map(|table| table.flavour.name()).collect();
                Err(format!(
                    "the table \"{}\" has the columns of several schemas; say which it is with schema={}",
                    self.table(),
                    names.join(" or schema=")
                ))
            }
        }
    }

    /// What creates a table as this one should be, for complaints.
    pub(crate) fn proper(&self, table: &Table, dialect: Dialect) -> String {
        self.of_flavour(table.flavour).definition(dialect).join("; ")
    }

    /// Whether a column for references may be added to the table: to Seshat's own unless that was
    /// forbidden, to another library's if it was allowed.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "others add nothing unasked"))]
    pub(crate) fn may_add_reference(&self, table: &Table) -> bool {
        self.create.unwrap_or(table.flavour == Flavour::Seshat)
    }

    /// The statements that add it.
    pub(crate) fn reference_definition(&self, table: &Table, dialect: Dialect) -> Vec<String> {
        let said = self.columns.iter().find(|(role, _)| *role == Role::Reference).map(|(_, name)| name.clone());
        table.reference_definition(&said.unwrap_or_else(|| Identifier::known(table.flavour.reference())), dialect)
    }

    /// The complaint that it is missing.
    pub(crate) fn unreferenced(&self, table: &Table, dialect: Dialect) -> String {
        format!(
            "the table \"{}\" has no column for references; name one with column_ref, have one added with \
             create_table=1, or add it: {}",
            table.name,
            self.reference_definition(table, dialect).join("; ")
        )
    }

    fn of_flavour(&self, flavour: Flavour) -> Table {
        let mut columns: Vec<(Role, Identifier)> =
            flavour.columns().iter().map(|(role, name)| (*role, Identifier::known(name))).collect();
        for (role, name) in &self.columns {
            match columns.iter_mut().find(|(known, _)| known == role) {
                Some((_, known)) => *known = name.clone(),
                None if flavour.has(*role) => columns.push((*role, name.clone())),
                None => {}
            }
        }
        Table {
            flavour,
            name: self.table.clone().unwrap_or_else(|| Identifier::known(flavour.table())),
            columns,
            times: self.times.filter(|_| flavour.may_be_text()).unwrap_or(flavour.times()),
            zone: self.zone,
            latest: i64::MAX,
            longest_id: None,
        }
    }

    /// The columns that a table must have and this one has not. It may be without references.
    fn lacking(table: &Table, existing: &[Column]) -> Vec<Identifier> {
        table
            .columns
            .iter()
            .filter(|(role, name)| *role != Role::Reference && !existing.iter().any(|column| name.names(&column.name)))
            .map(|(_, name)| name.clone())
            .collect()
    }

    /// Takes over what the columns' types say.
    fn settle(&self, table: &Table, existing: &[Column], dialect: Dialect) -> Result<Table, String> {
        let mut table = table.clone();
        table.columns.retain(|(_, name)| existing.iter().any(|column| name.names(&column.name)));
        let kind = |role: Role| {
            let name = table.column(role)?;
            existing
                .iter()
                .find(|column| name.names(&column.name))
                .map(|column| (name, column.kind.to_ascii_lowercase()))
        };
        let unfit = |name: &Identifier, kind: &str, wanted: &str| {
            Err(format!(
                "the column {name} of the table \"{}\" is {}, and {wanted}; expected: {}",
                table.name,
                kind.to_ascii_uppercase(),
                self.proper(&table, dialect)
            ))
        };
        let mut longest_id = None;
        if let Some((name, kind)) = kind(Role::Id) {
            if is_number(&kind) {
                return unfit(name, &kind, "session ids are text");
            }
            longest_id = (dialect == Dialect::Mysql).then(|| length(&kind)).flatten();
        }
        if let Some((name, kind)) = kind(Role::Reference)
            && is_number(&kind)
        {
            return unfit(name, &kind, "references are text");
        }
        let (mut times, mut latest, mut absolute) = (None, i64::MAX, dialect == Dialect::Mysql);
        for role in [Role::Created, Role::Used, Role::Expiry] {
            let Some((name, kind)) = kind(role) else { continue };
            let found = match kind.as_str() {
                // Most databases call both of them so: date, datetime, timestamp.
                kind if kind.contains("date") || kind.contains("time") => Times::Text,
                kind if is_number(kind) => Times::Unix,
                _ => continue,
            };
            if found == Times::Text && !table.flavour.may_be_text() {
                return unfit(name, &kind, "the times of this schema are seconds since 1970");
            }
            if times.is_some_and(|before| before != found) {
                return unfit(name, &kind, "the other column of times is not");
            }
            if dialect == Dialect::Mysql && found == Times::Unix {
                latest = latest.min(last_of(&kind));
            }
            absolute &= kind.contains("timestamp");
            times = Some(found);
        }
        if let (Some(said), Some(found)) = (self.times, times)
            && said != found
        {
            let found = if found == Times::Text { "datetime" } else { "int" };
            return Err(format!("the table \"{}\" has timestamps={found}, and another was said", table.name));
        }
        // MySQL's TIMESTAMP is an instant, told in the connection's zone: ours is UTC.
        let zone = table.zone.or((absolute && times == Some(Times::Text)).then_some(0));
        Ok(Table { times: times.unwrap_or(table.times), zone, latest, longest_id, ..table })
    }

    /// The complaint about a table that is none of those that are understood.
    fn unlike(&self, table: &Table, missing: &[Identifier], existing: &[Column], dialect: Dialect) -> String {
        let list = missing.iter().map(Identifier::as_str).collect::<Vec<_>>().join(", ");
        let (mut hint, mut options) = (String::new(), Vec::new());
        for name in missing {
            // One that has a meaning already is not another.
            let names = existing
                .iter()
                .map(|column| column.name.as_str())
                .filter(|other| !table.columns.iter().any(|(_, known)| known.names(other)));
            let role = table.columns.iter().find(|(_, known)| known == name).map(|(role, _)| *role);
            let option = role.and_then(|role| role.options().first().copied()).unwrap_or_default();
            options.push(option);
            if let Some(near) = suggest::nearest(name.as_str(), names)
                && Identifier::parse(near).is_some()
            {
                hint = format!(" (if {near} is meant, say {option}={near})");
            }
        }
        if hint.is_empty() {
            hint = format!(" (if it has another name, say it with {})", options.join(", "));
        }
        let schema = match self.flavour {
            Some(_) => String::new(),
            None if table.flavour == Flavour::Seshat => String::new(),
            None => format!(" of schema {}", table.flavour.name()),
        };
        format!(
            "the table \"{}\" has no column {list}{schema}{hint}; expected: {}",
            self.table(),
            self.proper(table, dialect)
        )
    }
}

fn identifier(reader: &mut Reader, names: &[&'static str]) -> Option<Identifier> {
    let name = reader.text(names)?;
    let identifier = Identifier::parse(&name);
    if identifier.is_none() {
        let option = names.first().copied().unwrap_or_default();
        reader.mistake(format!("option \"{option}\" must be an identifier: {RULE}"));
    }
    identifier
}

fn is_number(kind: &str) -> bool {
    ["int", "num", "dec", "real", "float", "double"].iter().any(|name| kind.contains(name))
}

/// The length in `varchar(64)`.
fn length(kind: &str) -> Option<usize> {
    let (_, rest) = kind.split_once('(')?;
    rest.split_once(')')?.0.trim().parse().ok()
}

/// The last second that one of MySQL's columns of whole numbers holds.
fn last_of(kind: &str) -> i64 {
    match (kind.starts_with("big"), kind.contains("unsigned")) {
        (true, _) => i64::MAX,
        (false, true) => u32::MAX.into(),
        (false, false) => i32::MAX.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::value::{Options, Value};

    fn wanted(pairs: &[(&str, &str)]) -> Result<Wanted, String> {
        let mut said = Options::new();
        for (name, value) in pairs {
            said.set(*name, Value::Text(value.as_bytes().to_vec()));
        }
        let mut reader = Reader::new(said);
        let wanted = Wanted::take(&mut reader);
        reader.finish().map(|()| wanted).map_err(|error| error.to_string())
    }

    fn columns(list: &[(&str, &str)]) -> Vec<Column> {
        list.iter().map(|(name, kind)| Column { name: (*name).into(), kind: (*kind).into() }).collect()
    }

    fn fit(said: &[(&str, &str)], list: &[(&str, &str)]) -> Result<Table, String> {
        wanted(said)?.fit(&columns(list), Dialect::Mysql)
    }

    #[test]
    fn every_flavour_is_known_by_its_columns() {
        let text = "varchar(64)";
        for (flavour, times, list) in [
            (Flavour::Seshat, Times::Unix, vec![("id", text), ("expires_at", "bigint(20)"), ("data", "longblob")]),
            (
                Flavour::Phalcon,
                Times::Unix,
                vec![
                    ("session_id", text),
                    ("data", "text"),
                    ("created_at", "int(10) unsigned"),
                    ("modified_at", "int"),
                ],
            ),
            (
                Flavour::Phalcon,
                Times::Text,
                vec![("SESSION_ID", text), ("DATA", ""), ("CREATED_AT", "TIMESTAMP"), ("MODIFIED_AT", "TIMESTAMP")],
            ),
            (
                Flavour::Dalmp,
                Times::Unix,
                vec![("sid", text), ("expiry", "int"), ("data", ""), ("ref", ""), ("ts", "")],
            ),
            (Flavour::HandlerSocket, Times::Text, vec![("id", text), ("modified", "datetime"), ("data", "text")]),
            (
                Flavour::Symfony,
                Times::Unix,
                vec![("sess_id", text), ("sess_data", "blob"), ("sess_lifetime", "int"), ("sess_time", "int")],
            ),
            (
                Flavour::Laravel,
                Times::Unix,
                vec![("id", text), ("user_id", "bigint"), ("payload", "longtext"), ("last_activity", "int")],
            ),
        ] {
            let table = fit(&[], &list).unwrap();
            assert_eq!((table.flavour, table.times, table.longest_id), (flavour, times, Some(64)), "{list:?}");
            let named = fit(&[("schema", flavour.name())], &list).unwrap();
            assert_eq!(named.flavour, flavour);
        }
    }

    #[test]
    fn other_names_are_followed_and_lead_to_the_flavour() {
        let list = [("k", "text"), ("v", "blob"), ("until", "int"), ("since", "int")];
        let table = fit(&[("column_id", "k"), ("column_data", "v"), ("column_expiry", "until")], &list).unwrap();
        assert_eq!(table.flavour, Flavour::Seshat);
        assert_eq!(table.column(Role::Expiry).unwrap().as_str(), "until");
        assert_eq!(table.column(Role::Reference), None);
        let table = fit(&[("column_id", "k"), ("column_data", "v"), ("column_modified", "since")], &list).unwrap_err();
        assert!(
            table.contains("several schemas; say which it is with schema=handlersocket or schema=laravel"),
            "{table}"
        );
    }

    #[test]
    fn a_table_that_does_not_fit_is_told_with_the_nearest_column_and_the_one_that_does() {
        let error = fit(&[], &[("id", "text"), ("data", "blob"), ("expire_at", "int")]).unwrap_err();
        assert!(
            error.starts_with(
                "the table \"sessions\" has no column expires_at (if expire_at is meant, say \
                 column_expiry=expire_at); expected: CREATE TABLE `sessions` (`id` VARCHAR(256)"
            ),
            "{error}"
        );
        let error = fit(&[], &[("sess_id", ""), ("sess_data", ""), ("sess_time", "int")]).unwrap_err();
        assert!(
            error.contains(
                "no column sess_lifetime of schema symfony (if it has another name, say it with column_expiry)"
            ),
            "{error}"
        );
        let error = fit(&[], &[("id", "int(11)"), ("data", ""), ("expires_at", "int")]).unwrap_err();
        assert!(
            error.contains("the column id of the table \"sessions\" is INT(11), and session ids are text"),
            "{error}"
        );
        let error = fit(&[], &[("id", "text"), ("data", ""), ("expires_at", "timestamp")]).unwrap_err();
        assert!(error.contains("expires_at") && error.contains("seconds since 1970"), "{error}");
        let phalcon =
            |created, modified| [("session_id", ""), ("data", ""), ("created_at", created), ("modified_at", modified)];
        let error = fit(&[], &phalcon("int", "timestamp")).unwrap_err();
        assert!(error.contains("modified_at") && error.contains("the other column"), "{error}");
        let error = fit(&[("timestamps", "datetime")], &phalcon("int", "int")).unwrap_err();
        assert!(error.contains("has timestamps=int"), "{error}");
    }

    #[test]
    fn the_zone_of_an_instant_is_known_and_that_of_other_texts_is_not() {
        let list =
            |created, modified| [("session_id", ""), ("data", ""), ("created_at", created), ("modified_at", modified)];
        assert!(fit(&[], &list("timestamp", "timestamp")).unwrap().has_zone());
        assert!(!fit(&[], &list("timestamp", "datetime")).unwrap().has_zone());
        let sqlite = wanted(&[]).unwrap().fit(&columns(&list("TIMESTAMP", "TIMESTAMP")), Dialect::Sqlite);
        assert!(!sqlite.unwrap().has_zone());
    }

    #[test]
    fn names_and_words_are_checked() {
        for (option, value) in [
            ("table", "sessions; DROP TABLE users"),
            ("table", "sqlite_master"),
            ("column_id", "id\" OR 1=1 --"),
            ("column_data", "`"),
            ("column_modified_at", ""),
        ] {
            let error = wanted(&[(option, value)]).unwrap_err();
            assert!(error.contains("must be an identifier: letters, digits and _"), "{error}");
            assert!(value.is_empty() || !error.contains(value), "{error}");
        }
        let error = wanted(&[("schema", "symphony")]).unwrap_err();
        assert!(error.ends_with("laravel; did you mean \"symfony\"?"), "{error}");
        let error = wanted(&[("schema", "laravel"), ("column_expiry", "x")]).unwrap_err();
        assert!(error.contains("\"column_expiry\" names a column that schema laravel does not have"), "{error}");
        let error = wanted(&[("column_id", "x"), ("column_data", "X")]).unwrap_err();
        assert!(error.contains("another meaning"), "{error}");
        assert!(wanted(&[("timezone", "Europe/Berlin")]).unwrap_err().contains("+02:00"));
    }

    #[test]
    fn a_column_that_ends_early_ends_sessions_early_and_not_at_once() {
        let list = |kind| [("id", "varchar(9)"), ("data", ""), ("expires_at", kind)];
        let hundred_years = std::time::Duration::from_secs(3_153_600_000);
        for (kind, latest) in [("int(11)", i64::from(i32::MAX)), ("int(10) unsigned", i64::from(u32::MAX))] {
            let table = fit(&[], &list(kind)).unwrap();
            assert_eq!(*table.suitable(1_800_000_000_000, hundred_years, hundred_years).end(), latest);
        }
    }
}
