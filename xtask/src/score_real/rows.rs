//! Rows of comma-separated text by the names of their columns.
//!
//! The recorded sets hold no quotes; a quote is refused rather than misread.

/// All rows of a file.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    columns: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    columns: &'a [&'a str],
    cells: &'a [&'a str],
    line: usize,
}

impl<'a> Rows<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        if text.contains('"') {
            return Err("quotes are not understood".to_owned());
        }
        let mut lines = text.lines().map(|line| line.split(',').map(str::trim).collect::<Vec<_>>());
        let columns = lines.next().ok_or("the file is empty")?;
        let rows: Vec<_> = lines.collect();
        for (row, line) in rows.iter().zip(2..) {
            if row.len() != columns.len() {
                return Err(format!("line {line}: {} cells for {} columns", row.len(), columns.len()));
            }
        }
        Ok(Self { columns, rows })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().zip(2..).map(|(cells, line)| Row { columns: &self.columns, cells, line })
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

impl<'a> Row<'a> {
    /// The text of a cell.
    pub(crate) fn text(&self, column: &str) -> Result<&'a str, String> {
        let place = self.columns.iter().position(|name| *name == column);
        let cell = place.and_then(|place| self.cells.get(place)).copied();
        cell.ok_or_else(|| format!("no column {column}"))
    }

    /// What a cell's text means, or where and why it means nothing.
    pub(crate) fn read<T, E: std::fmt::Display>(
        &self,
        column: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, String> {
        read(self.text(column)?).map_err(|error| format!("line {}, {column}: {error}", self.line))
    }

    /// A cell that holds a number.
    pub(crate) fn number<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        column: &str,
    ) -> Result<T, String> {
        self.read(column, str::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_their_column() {
        let rows = Rows::parse("a,b\n1,x\n2,\n").unwrap();
        let cells: Vec<_> = rows.iter().map(|row| (row.number::<i64>("a"), row.text("b"))).collect();
        assert_eq!(cells, [(Ok(1), Ok("x")), (Ok(2), Ok(""))]);
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        let rows = Rows::parse("a,b\n1,x\n").unwrap();
        let row = rows.iter().next().unwrap();
        assert!(row.number::<i64>("b").is_err_and(|said| said.starts_with("line 2, b:")));
        assert!(row.text("c").is_err_and(|said| said.contains("no column c")));
        assert!(Rows::parse("").is_err());
        assert!(Rows::parse("a,b\n1\n").is_err_and(|said| said.contains("line 2")));
        assert!(Rows::parse("a,b\n\"1,2\",3\n").is_err());
    }
}
