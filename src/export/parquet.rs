//! Parquet: typed columns, zstd, row groups of whole days.
//!
//! Times are timestamps in microseconds, UTC; lists are lists of strings. Articles are expected in order of publication: a row group ends with a day once
//! it is worth it, so that a reader that asks for some days skips the others by the statistics of `published_at`.

use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::columns::{COLUMNS, Kind, Value, values};
use crate::store::ArticleRow;

/// A group ends with the day once it has this many rows: smaller ones compress badly and cost a reader a seek each.
const GROUP_ROWS: usize = 2_000;

/// A group ends in the middle of a day when it holds so much text: this is what an export keeps in memory, uncompressed.
const GROUP_BYTES: usize = 24 << 20;

/// Always there, as the view promises. All others may be null.
const REQUIRED: [&str; 10] =
    ["id", "seq", "event_id", "url", "canonical_url", "publisher", "fetched_at", "text", "word_count", "revision"];

/// A Parquet file under construction.
pub(super) struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Buffer>,
    rows: usize,
    bytes: usize,
    /// The day of the last row, `2024-05-20`.
    day: Option<String>,
}

/// A column of the row group that is being filled.
enum Buffer {
    Numbers { values: Vec<i64>, levels: Vec<i16> },
    Texts { values: Vec<ByteArray>, levels: Vec<i16> },
    Lists { values: Vec<ByteArray>, levels: Vec<i16>, repeats: Vec<i16> },
}

impl<W: Write + Send> Writer<W> {
    pub(super) fn begin(output: W) -> Result<Self, ParquetError> {
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("dateline ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?));
        for column in &COLUMNS {
            let path = ColumnPath::from(column.name);
            match column.kind {
                // Every text is another one: a dictionary or a smallest and largest of them helps nobody.
                Kind::Text => {
                    properties = properties
                        .set_column_dictionary_enabled(path.clone(), false)
                        .set_column_statistics_enabled(path, EnabledStatistics::None);
                }
                Kind::Number | Kind::Time => properties = properties.set_column_dictionary_enabled(path, false),
                Kind::Word | Kind::List => {}
            }
        }
        let schema = Arc::new(parse_message_type(&message())?);
        let file = SerializedFileWriter::new(output, schema, Arc::new(properties.build()))?;
        Ok(Self { file, columns: buffers(), rows: 0, bytes: 0, day: None })
    }

    pub(super) fn write(&mut self, article: &ArticleRow) -> Result<(), ParquetError> {
        let day = article.published_at.as_deref().and_then(|at| at.get(..10));
        let new_day = day != self.day.as_deref();
        if self.bytes >= GROUP_BYTES || (new_day && self.rows >= GROUP_ROWS) {
            self.end_group()?;
        }
        if new_day {
            self.day = day.map(str::to_owned);
        }
        for ((column, buffer), value) in COLUMNS.iter().zip(&mut self.columns).zip(values(article)) {
            self.bytes += buffer.push(column.kind, value)?;
        }
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, ParquetError> {
        if self.rows > 0 {
            self.end_group()?;
        }
        self.file.into_inner()
    }

    fn end_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for (column, buffer) in COLUMNS.iter().zip(std::mem::replace(&mut self.columns, buffers())) {
            let Some(mut writer) = group.next_column()? else {
                return Err(ParquetError::General(format!("no column `{}`", column.name)));
            };
            let optional = !REQUIRED.contains(&column.name);
            match (writer.untyped(), &buffer) {
                (ColumnWriter::Int64ColumnWriter(writer), Buffer::Numbers { values, levels }) => {
                    writer.write_batch(values, optional.then_some(levels), None)?;
                }
                (ColumnWriter::ByteArrayColumnWriter(writer), Buffer::Texts { values, levels }) => {
                    writer.write_batch(values, optional.then_some(levels), None)?;
                }
                (ColumnWriter::ByteArrayColumnWriter(writer), Buffer::Lists { values, levels, repeats }) => {
                    writer.write_batch(values, Some(levels), Some(repeats))?;
                }
                _ => return Err(ParquetError::General(format!("`{}` is of another type", column.name))),
            }
            writer.close()?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Buffer {
    /// Adds a value; returns its size.
    fn push(&mut self, kind: Kind, value: Value<'_>) -> Result<usize, ParquetError> {
        match (self, value) {
            (Self::Numbers { values, levels }, Value::Number(number)) => {
                values.extend(number);
                levels.push(i16::from(number.is_some()));
                Ok(16)
            }
            (Self::Numbers { values, levels }, Value::Text(time)) if kind == Kind::Time => {
                let moment = time.map(micros).transpose()?;
                values.extend(moment);
                levels.push(i16::from(moment.is_some()));
                Ok(16)
            }
            (Self::Texts { values, levels }, Value::Text(text)) => {
                values.extend(text.map(ByteArray::from));
                levels.push(i16::from(text.is_some()));
                Ok(text.map_or(0, str::len) + 48)
            }
            (Self::Lists { values, levels, repeats }, Value::List(items)) => {
                values.extend(items.iter().map(|item| ByteArray::from(item.as_str())));
                // An empty list is one place without an element.
                levels.extend(std::iter::repeat_n(i16::from(!items.is_empty()), items.len().max(1)));
                repeats.extend((0..items.len().max(1)).map(|place| i16::from(place > 0)));
                Ok(items.iter().map(|item| item.len() + 48).sum())
            }
            _ => Err(ParquetError::General("a value of another type than its column".to_owned())),
        }
    }
}

fn buffers() -> Vec<Buffer> {
    COLUMNS
        .iter()
        .map(|column| match column.kind {
            Kind::Number | Kind::Time => Buffer::Numbers { values: Vec::new(), levels: Vec::new() },
            Kind::Text | Kind::Word => Buffer::Texts { values: Vec::new(), levels: Vec::new() },
            Kind::List => Buffer::Lists { values: Vec::new(), levels: Vec::new(), repeats: Vec::new() },
        })
        .collect()
}

fn micros(time: &str) -> Result<i64, ParquetError> {
    let moment: Timestamp = time.parse().map_err(|_| ParquetError::General(format!("`{time}` is no time")))?;
    Ok(moment.as_microsecond())
}

/// The schema in Parquet's own notation.
fn message() -> String {
    let fields: Vec<String> = COLUMNS
        .iter()
        .map(|column| {
            let (name, need) = (column.name, if REQUIRED.contains(&column.name) { "required" } else { "optional" });
            match column.kind {
                Kind::Number => format!("{need} int64 {name};"),
                Kind::Time => format!("{need} int64 {name} (TIMESTAMP(MICROS, true));"),
                Kind::Text | Kind::Word => format!("{need} binary {name} (STRING);"),
                Kind::List => {
                    format!(
                        "required group {name} (LIST) {{ repeated group list {{ required binary element (STRING); }} }}"
                    )
                }
            }
        })
        .collect();
    format!("message article {{ {} }}", fields.join(" "))
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::super::{Export, Format, tests};

    #[test]
    fn what_is_written_is_read_back() {
        let reader = SerializedFileReader::new(hyper::body::Bytes::from(tests::exported(Format::Parquet))).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].get_long(0).unwrap(), 1);
        assert_eq!(rows[0].get_string(8).unwrap(), "Ferry \"Morven\", late\r\nagain");
        assert_eq!(rows[0].get_string(9).unwrap(), "");
        assert_eq!(rows[0].get_list(10).unwrap().len(), 2);
        assert_eq!(rows[0].get_timestamp_micros(11).unwrap(), 1_716_217_200_000_000);
        assert_eq!(rows[1].get_list(10).unwrap().len(), 0);
        assert_eq!(rows[1].get_long(3).unwrap(), 1);
        assert!(rows[1].get_string(8).is_err(), "null");
    }

    #[test]
    fn a_row_group_holds_whole_days() {
        let mut export = Export::begin(Format::Parquet, Vec::new()).unwrap();
        let [mut article, _] = tests::articles();
        for day in 1..=9 {
            article.published_at = Some(format!("2024-05-0{day}T10:00:00Z"));
            for _ in 0..900 {
                export.write(&article).unwrap();
            }
        }
        let reader = SerializedFileReader::new(hyper::body::Bytes::from(export.finish().unwrap())).unwrap();
        let rows: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!(rows, [2_700, 2_700, 2_700]);
    }
}
