//! `scenario`: writes a labelled scenario to a folder.

use reweigh_scenario::{FilesWritten, Recipe, Scenario, write_files};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::checkout::Checkout;
use crate::task::Outcome;

const USAGE: &str = "usage: cargo xtask scenario --recipe NAME [--seed S] [--users N] [--days D] OUTDIR
writes readings.csv in the order of arrival, truth.csv row by row, heights.csv
defaults: seed 1, 120 users, as many days as the recipe says";

/// Does what the words after `scenario` ask for.
pub(crate) fn run(_: &Checkout, words: &[String]) -> Outcome {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(format!("{USAGE}\nrecipes: {}", names()));
    }
    let asked = Asked::parse(words)?;
    let written = asked.write()?;
    Ok(format!(
        "{} deliveries of {} users by recipe {} with seed {} in {}",
        written.deliveries,
        written.users,
        asked.recipe.name,
        asked.seed,
        asked.folder.display()
    ))
}

fn names() -> String {
    Recipe::names().collect::<Vec<_>>().join(", ")
}

/// What to write where.
struct Asked {
    recipe: Recipe,
    seed: u64,
    users: u32,
    folder: PathBuf,
}

impl Asked {
    fn parse(args: &[String]) -> Result<Asked, String> {
        let (mut recipe, mut seed, mut users, mut days, mut folder) = (None, 1, 120, None, None);
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--recipe" => recipe = Some(value(arg, args.next())?),
                "--seed" => seed = number(arg, args.next())?,
                "--users" => users = number(arg, args.next())?,
                "--days" => days = Some(number(arg, args.next())?),
                option if option.starts_with('-') => return Err(format!("unknown option {option}\n{USAGE}")),
                path if folder.is_none() => folder = Some(PathBuf::from(path)),
                path => return Err(format!("one folder is enough, {path} is a second one\n{USAGE}")),
            }
        }
        let name = recipe.ok_or_else(|| format!("--recipe is missing; recipes: {}\n{USAGE}", names()))?;
        let mut recipe =
            Recipe::named(name).ok_or_else(|| format!("there is no recipe {name}; recipes: {}", names()))?;
        recipe.days = days.unwrap_or(recipe.days);
        let folder = folder.ok_or_else(|| format!("the folder to write to is missing\n{USAGE}"))?;
        Ok(Asked { recipe, seed, users, folder })
    }

    fn write(&self) -> Result<FilesWritten, String> {
        let scenario = Scenario::new(self.recipe.clone(), self.seed).map_err(|error| error.to_string())?;
        fs::create_dir_all(&self.folder).map_err(|error| at(&self.folder, &error))?;
        let mut readings = Output::create(self.folder.join("readings.csv"))?;
        let mut truth = Output::create(self.folder.join("truth.csv"))?;
        let mut heights = Output::create(self.folder.join("heights.csv"))?;
        let written =
            write_files(&scenario, self.users, &mut readings.file, &mut truth.file, &mut heights.file)
                .map_err(|error| at(&self.folder, &error))?;
        for output in [readings, truth, heights] {
            output.finish()?;
        }
        Ok(written)
    }
}

/// A file that is being written.
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Output {
    fn create(path: PathBuf) -> Result<Output, String> {
        let file = File::create(&path).map_err(|error| at(&path, &error))?;
        Ok(Output { path, file: BufWriter::new(file) })
    }

    fn finish(mut self) -> Result<(), String> {
        self.file.flush().map_err(|error| at(&self.path, &error))
    }
}

fn at(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn value<'a>(option: &str, value: Option<&'a String>) -> Result<&'a str, String> {
    value.map(String::as_str).ok_or_else(|| format!("{option} needs a value\n{USAGE}"))
}

fn number<T: std::str::FromStr>(option: &str, text: Option<&String>) -> Result<T, String> {
    let text = value(option, text)?;
    text.parse().map_err(|_| format!("{option} needs a whole number, not {text}"))
}
