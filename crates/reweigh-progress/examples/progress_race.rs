//! Shows, one by one, what used to go wrong with a shared progress file, and what happens now.
//!
//! `cargo run -p reweigh-progress --release --example progress_race`
//!
//! Processes are this program again. It ends with an error if anything does not hold.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

use reweigh_progress::{Completion, Label, Manager, Plan, Progress, ProgressError, Retry, Stamp, Status};

type Shown = Result<(), Box<dyn Error>>;

const WRITERS: usize = 8;
const UPDATES: usize = 100;

#[expect(clippy::disallowed_methods, reason = "the clock adapter of this example")]
fn now() -> Stamp {
    SystemTime::now().into()
}

#[expect(clippy::disallowed_methods, reason = "only to print how long it took")]
fn start() -> Instant {
    Instant::now()
}

fn main() -> Shown {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, path, name] = arguments.as_slice() {
        return work(role, Path::new(path), name);
    }
    let folder = tempfile::tempdir()?;
    let show = Show { folder: folder.path().to_path_buf() };
    show.race()?;
    show.kills()?;
    show.locks()?;
    show.what_the_file_keeps()?;
    show.hostile_texts()?;
    show.damage()?;
    show.modes_and_links()?;
    println!(
        "\nAll of it holds. This is what a file looks like:\n\n{}",
        fs::read_to_string(show.path("keeps"))?
    );
    Ok(())
}

/// What the processes do.
fn work(role: &str, path: &Path, name: &str) -> Shown {
    let manager = manage(path).with_retry(Retry { retries: 6, ..Retry::default() });
    if role == "hold" {
        let mut first = true;
        return Ok(manager.update(|progress| {
            if std::mem::take(&mut first) {
                println!("holding");
                let _ = std::io::stdin().read_line(&mut String::new());
            }
            progress.add_note(now(), name);
            Ok(())
        })?);
    }
    let updates = match role {
        "write one" => 1,
        "write" => UPDATES,
        _ => usize::MAX,
    };
    for number in 0..updates {
        let note = format!("{name} {number}");
        manager.add_note(&note)?;
        println!("{note}");
    }
    Ok(())
}

/// A process in one of the roles, its output and input at hand.
fn process(role: &str, path: &Path, name: &str) -> std::io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([role, &path.to_string_lossy(), name]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

/// The lines that a process still has to say; one that was cut off by a kill was not said.
fn said(child: &mut Child, lines: usize) -> std::io::Result<Vec<String>> {
    let Some(output) = child.stdout.as_mut() else { return Ok(Vec::new()) };
    let mut output = BufReader::with_capacity(1, output);
    let mut heard = Vec::new();
    while heard.len() < lines {
        let mut line = String::new();
        output.read_line(&mut line)?;
        match line.strip_suffix('\n') {
            Some(whole) => heard.push(whole.to_owned()),
            None => break,
        }
    }
    Ok(heard)
}

fn manage(path: &Path) -> Manager {
    Manager::new(path, (now, std::thread::park_timeout))
}

fn label(text: &str) -> Result<Label, Box<dyn Error>> {
    Ok(Label::new(text)?)
}

fn notes(progress: &Progress) -> Vec<String> {
    progress.notes().map(|note| note.text().to_owned()).collect()
}

/// Prints one line, or fails.
fn line(id: &str, what: &str, holds: bool) -> Shown {
    println!("{id:<4} {what}");
    if holds { Ok(()) } else { Err(format!("{id} does not hold").into()) }
}

struct Show {
    folder: PathBuf,
}

impl Show {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("STATE.md")
    }

    /// A new file in a folder of its own.
    fn begin(&self, name: &str) -> Result<(PathBuf, Manager), Box<dyn Error>> {
        let path = self.path(name);
        fs::create_dir(self.folder.join(name))?;
        let manager = manage(&path).with_retry(Retry { retries: 6, ..Retry::default() });
        let plan = Plan::new(label("Backfill")?, label("bf-7")?, 2)
            .task(1, label("shard-0")?, "fold users 0..999")
            .task(1, label("shard-1")?, "fold users 1000..1999")
            .task(2, label("report")?, "write the report")
            .metadata(label("policy")?, "balanced");
        manager.initialize(&plan)?;
        Ok((path, manager))
    }

    fn race(&self) -> Shown {
        let (path, manager) = self.begin("race")?;
        let (done, begun) = (AtomicBool::new(false), start());
        let (reads, torn, failed) = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let (mut reads, mut torn) = (0_usize, 0_usize);
                while !done.load(Ordering::Relaxed) {
                    torn += usize::from(manager.load().is_err());
                    let backup = fs::read(path.with_extension("backup"));
                    torn += usize::from(backup.is_ok_and(|bytes| Progress::parse(bytes).is_err()));
                    reads += 1;
                }
                (reads, torn)
            });
            let writers: Vec<_> = (0..WRITERS).map(|w| process("write", &path, &format!("w{w}"))).collect();
            let ended = writers.into_iter().map(|writer| writer?.wait_with_output());
            let failed = ended.filter(|end| !end.as_ref().is_ok_and(|end| end.status.success())).count();
            done.store(true, Ordering::Relaxed);
            let (reads, torn) = reader.join().unwrap_or((0, 1));
            (reads, torn, failed)
        });
        let mut found = notes(&manager.load()?);
        found.sort();
        found.dedup();
        let (count, wanted) = (found.len(), WRITERS * UPDATES);
        let time = begun.elapsed();
        line(
            "S15",
            &format!("{WRITERS} processes: {count} of {wanted} updates in {time:.1?}"),
            count == wanted && failed == 0,
        )?;
        line(
            "S1",
            &format!("meanwhile {reads} reads of file and backup: {torn} torn"),
            torn == 0 && reads > 0,
        )?;
        self.syncs(&path)
    }

    /// What the kernel is asked to do for one update, if `strace` is here to tell.
    fn syncs(&self, path: &Path) -> Shown {
        let log = self.folder.join("log");
        let mut command = Command::new("strace");
        command.args(["-f", "-e", "trace=fsync,linkat,rename,renameat,renameat2", "-o"]).arg(&log);
        command
            .arg(std::env::current_exe()?)
            .args(["write one", &path.to_string_lossy(), "w"])
            .stdout(Stdio::null());
        if !command.status().is_ok_and(|status| status.success()) {
            println!("S14  not shown: `strace` does not work here");
            return Ok(());
        }
        let log = fs::read_to_string(log)?;
        let calls: Vec<_> =
            log.lines().filter_map(|line| line.split_once(' ')?.1.trim().split_once('(')).collect();
        let calls: Vec<_> = calls.into_iter().map(|(call, _)| call).collect();
        let syncs = calls.iter().filter(|call| **call == "fsync").count();
        let holds = syncs >= 2 && calls.first() == Some(&"fsync") && calls.last() == Some(&"fsync");
        line("S14", &format!("one update asks the kernel for: {}", calls.join(", ")), holds)
    }

    fn kills(&self) -> Shown {
        let (path, manager) = self.begin("kills")?;
        let (mut acknowledged, rounds) = (Vec::new(), 20);
        for round in 0..rounds {
            let mut writer = process("write for ever", &path, &format!("r{round}"))?;
            acknowledged.extend(said(&mut writer, round % 5 + 1)?);
            writer.kill()?;
            acknowledged.extend(said(&mut writer, usize::MAX)?);
            writer.wait()?;
            let backup = Progress::parse(fs::read(path.with_extension("backup"))?);
            manager.clone().with_retry(Retry::never()).set_metadata("kills", &round.to_string())?;
            backup?;
        }
        let found = notes(&manager.load()?);
        let lost = acknowledged.iter().filter(|note| !found.contains(note)).count();
        let left = fs::read_dir(self.folder.join("kills"))?.count();
        let what = format!(
            "{rounds} writers killed: {lost} of {} acknowledged notes lost, {} temporary files left",
            acknowledged.len(),
            left - 4
        );
        line("S1", &what, lost == 0 && left == 4)
    }

    fn locks(&self) -> Shown {
        let (path, manager) = self.begin("locks")?;
        let hasty = manager.clone().with_retry(Retry::never());
        let mut holder = process("hold", &path, "from the holder")?;
        said(&mut holder, 1)?;
        let busy = hasty.add_note("too early");
        let told = busy.err().map(|fault| fault.to_string()).unwrap_or_default();
        line("S2", &told, told.contains(&format!("pid {}", holder.id())))?;
        let clearing = matches!(hasty.clear(), Err(ProgressError::Busy { .. }));
        line("S12", "clearing waits for the lock as well", clearing)?;
        fs::remove_file(self.folder.join("locks/STATE.md.lock"))?;
        hasty.add_note("after the lock was deleted")?;
        drop(holder.stdin.take());
        holder.wait()?;
        let kept = notes(&manager.load()?);
        line("S2", &format!("the lock deleted while it was held, and still: {kept:?}"), kept.len() == 2)?;
        manager.clear()?;
        let ghost =
            matches!(manager.add_note("ghost"), Err(ProgressError::NotFound { .. })) && !path.exists();
        line("S12", "a note after clearing brings nothing back", ghost)
    }

    fn what_the_file_keeps(&self) -> Shown {
        let (path, manager) = self.begin("keeps")?;
        let before = manager.load()?;
        let edited = fs::read_to_string(&path)?.replace("- [ ] **shard-1**", "* [ ] **shard-1**").replace(
            "## Notes\n",
            "## What I noticed\n\n1. shard 1 has *many* late readings\n\n## Notes\n\nSee also `docs/guide.md`.\n",
        );
        fs::write(&path, edited)?;
        let files = ["src/fold.rs", "src/step.rs", "src/a, b.rs", "src/d.rs"];
        manager.complete_task("shard-0", Completion::new().commit(label("4f2a9c1")?).files(files))?;
        manager.start_task("shard-1")?;
        manager.fail_task("report", "")?;
        manager.add_note("first line\n- [x] **fake**: not a task\n## ✅ Completed (9 tasks)")?;
        let after = manager.load()?;
        let same = after.started() == before.started() && after.metadata_value("policy") == Some("balanced");
        line("S3", "the start and the metadata are as they were", same)?;
        let tasks =
            after.tasks().count() == 3 && after.task("shard-0").is_some_and(|task| task.files() == files);
        line("S4", "no task went away, waves and all files are there", tasks)?;
        let text = fs::read_to_string(&path)?;
        let kept = ["## What I noticed\n\n1. shard 1 has *many* late", "See also `docs/guide.md`."];
        line(
            "S5",
            "what a person wrote is there, word for word",
            kept.iter().all(|kept| text.contains(kept)),
        )?;
        let failed =
            after.task("report").is_some_and(|task| (task.status(), task.error()) == (Status::Failed, None));
        line("S10", "failed without a text is failed", failed)?;
        let whole = notes(&after).first().is_some_and(|note| note.ends_with("(9 tasks)"));
        line("S7", "a note of three lines is one note and no task", whole && after.counts().completed == 1)
    }

    fn hostile_texts(&self) -> Shown {
        let path = self.folder.join("hostile.md");
        let manager = manage(&path);
        manager.initialize(&Plan::new(label("Wave 7/9")?, label("**Status:** Wave 7/9")?, 3))?;
        line("S8", "a workflow called `Wave 7/9` is in wave 1 of 3", manager.load()?.wave().total() == 3)?;
        for id in ["*", "a**b*", "**"] {
            manager.update(|progress| progress.add_task(Label::new(id)?, None, "x"))?;
        }
        let again = manager.update(|progress| progress.add_task(Label::new("*")?, None, "again"));
        line(
            "S9",
            "ids of stars are there; the same id twice is refused",
            again.is_err() && manager.load()?.tasks().count() == 3,
        )
    }

    fn damage(&self) -> Shown {
        let (path, manager) = self.begin("damage")?;
        manager.add_note("one")?;
        let backup = fs::read(path.with_extension("backup"))?;
        fs::write(&path, "garbage")?;
        let told = manager.add_note("two").err().map(|fault| fault.to_string()).unwrap_or_default();
        let untouched = fs::read(path.with_extension("backup"))? == backup;
        line("S6", &told.replace(&*self.folder.to_string_lossy(), ""), told.contains("line 1") && untouched)?;
        manager.restore_backup()?;
        line("S6", "the backup was not touched and is restored", manager.add_note("two").is_ok())?;
        let absent = manage(&self.folder.join("absent.md")).add_note("lost?");
        line(
            "S11",
            "a note without a file is an error",
            matches!(absent, Err(ProgressError::NotFound { .. })),
        )
    }

    fn modes_and_links(&self) -> Shown {
        let (path, manager) = self.begin("modes")?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let link = self.folder.join("link.md");
        symlink(&path, &link)?;
        manage(&link).add_note("through a link")?;
        let kept = fs::metadata(&path)?.permissions().mode() & 0o777 == 0o600 && link.is_symlink();
        line("S13", "mode 0600 is kept, a link is followed", kept && manager.load()?.notes().count() == 1)
    }
}
