//! How the tour looks: coloured on a terminal, plain in a pipe.

use std::fmt::{self, Display};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::Failure;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const REFUSED: Style = AnsiColor::Yellow.on_default();

/// Where the words go. The writer strips the styles where they are not wanted.
///
/// All of its methods fail only if the writer does, with [`Failure::Output`].
pub struct Page<'w> {
    out: &'w mut (dyn Write + Send),
}

impl<'w> Page<'w> {
    /// A page on a writer, for instance `anstream::stdout()`.
    pub fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out }
    }

    /// The same page, for somebody else to write on.
    pub fn lend(&mut self) -> Page<'_> {
        Page { out: &mut *self.out }
    }

    /// The title of the whole.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn title(&mut self, text: impl Display) -> Result<(), Failure> {
        self.write(format_args!("{BOLD}{text}{BOLD:#}"))
    }

    /// The heading of a part, with a line between it and what was before.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn heading(&mut self, text: &str) -> Result<(), Failure> {
        self.write(format_args!("\n{BOLD}{text}{BOLD:#}"))
    }

    /// A label and what belongs to it.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn pair(&mut self, label: &str, text: impl Display) -> Result<(), Failure> {
        self.write(format_args!("   {DIM}{label:<10}{DIM:#} {text}"))
    }

    /// Three columns.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn columns(&mut self, first: &str, second: &str, third: &str) -> Result<(), Failure> {
        self.write(format_args!("   {DIM}{first:<10}{DIM:#} {second:<41} {third}"))
    }

    /// Somebody's question and its answer.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn answer(
        &mut self,
        who: &str,
        asked: &str,
        status: u16,
        words: &str,
    ) -> Result<(), Failure> {
        let style = if status < 400 { GOOD } else { REFUSED };
        let gap = if words.is_empty() { "" } else { "  " };
        self.write(format_args!("   {who:<17} {asked:<27} {style}{status}{style:#}{gap}{words}"))
    }

    /// A text as it is, with its own line ends.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn plain(&mut self, text: &str) -> Result<(), Failure> {
        self.write(format_args!("{}", text.trim_end()))
    }

    /// A sentence.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        self.write(format_args!("   {text}"))
    }

    /// A text that is broken at the commas, its further lines indented.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn wrapped(&mut self, label: &str, text: &str) -> Result<(), Failure> {
        let (mut label, mut line) = (label, String::new());
        for part in text.split_inclusive(", ") {
            if !line.is_empty() && line.len() + part.len() > 110 {
                self.pair(label, line.trim_end())?;
                (label, line) = ("", String::new());
            }
            line.push_str(part);
        }
        self.pair(label, line)
    }

    fn write(&mut self, line: fmt::Arguments<'_>) -> Result<(), Failure> {
        writeln!(self.out, "{line}").map_err(|error: io::Error| Failure::Output(error.kind()))
    }
}

impl fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").finish_non_exhaustive()
    }
}
