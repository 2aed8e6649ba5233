//! `man`: the manual of the program and of every command, in one page for man(1).

use std::io;

use clap_mangen::Man;

use crate::args;
use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::output;

/// What `man` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, _: &Context) -> Result<Exit, Failure> {
    let page = page().map_err(|error| Failure::of_stdout(&error))?;
    output::print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}

fn page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut whole = args::command();
    whole.build();
    let man = Man::new(whole.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    page.extend_from_slice(b".SH COMMANDS\n");
    for command in whole.get_subcommands() {
        let name = command.get_name();
        if name == "help" {
            continue;
        }
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        page.extend_from_slice(format!(".SS reweigh {name}\n{about}.\n").as_bytes());
        for argument in command.get_arguments().filter(|it| !it.is_global_set() && it.get_id() != "help") {
            page.extend_from_slice(entry(argument).as_bytes());
        }
    }
    page.extend_from_slice(EXIT_CODES.as_bytes());
    Ok(page)
}

/// One argument as an entry of a list.
fn entry(argument: &clap::Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let value: Vec<String> = values.iter().map(|name| format!("\\fI{name}\\fR")).collect();
    let value = value.join(" ");
    let takes = argument.get_action().takes_values();
    let name = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => {
            format!("\\fB\\-{short}\\fR, \\fB\\-\\-{}\\fR", long.replace('-', "\\-"))
        }
        (None, Some(long)) => format!("\\fB\\-\\-{}\\fR", long.replace('-', "\\-")),
        _ => value.clone(),
    };
    let value = if takes && argument.get_long().is_some() { format!(" {value}") } else { String::new() };
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    format!(".TP\n{name}{value}\n{}\n", help.replace('\n', " "))
}

const EXIT_CODES: &str = r".SH EXIT STATUS
.TP
0
Done.
.TP
1
Something that nobody thought of.
.TP
2
Bad usage or configuration; the line says which key and bound.
.TP
3
\fBverify\fR found differences.
.TP
4
The input had nothing usable.
.TP
5
The store is in use, cannot be read, is full or corrupt.
.TP
6
Done, but \fB\-\-strict\fR was given and something was refused, unsettled or pinned.
.TP
130, 128+n
Interrupted by a signal; what was acknowledged is kept, and the next run carries on.
";
