//! Many readings at once.

use reweigh::Settings;
use reweigh_reading::{Fact, UserId};
use reweigh_redb as _;

use crate::world::{Dice, Folder, fact, readings, scale, time, user};

/// How many readings each user has in bulk.
const EACH: usize = 100;

/// How much faster two threads are than one, on this machine, now: the control beside every parallel figure.
pub(crate) fn scaling() {
    let work = || {
        let mut sum = 0.0_f64;
        for n in 0..200_000_000_u64 {
            sum = sum * 0.999_999 + (n as f64).sqrt();
        }
        std::hint::black_box(sum)
    };
    let (_, one) = time(work);
    let (_, two) = time(|| {
        let other = std::thread::spawn(work);
        work();
        other.join().unwrap()
    });
    println!("scaling: two threads do {:.2} x the work of one", 2.0 * one.as_secs_f64() / two.as_secs_f64());
}

fn users() -> Vec<UserId> {
    (0..readings() / EACH).map(user).collect()
}

fn run(name: &str, folder: &Folder, batches: impl Iterator<Item = Vec<Fact>>, wanted: &str) {
    let engine = folder.engine(Settings::default());
    let mut count = 0;
    let ((), took) = time(|| {
        for batch in batches {
            count += batch.len();
            engine.ingest(batch).unwrap();
        }
        engine.settle().unwrap();
        engine.checkpoint().unwrap();
    });
    let status = engine.status().unwrap();
    let rate = count as f64 / took.as_secs_f64();
    println!(
        "{name}: {rate:.0} readings/s, durable and settled ({count} in {took:.2?}; folded {}, replays {}); wanted {wanted}",
        status.folded, status.replays
    );
    let ((), closing) = time(|| engine.close().unwrap());
    println!("{name}: closed in {closing:.2?}");
}

/// User by user, as an export comes.
pub(crate) fn by_user() {
    let (folder, source) = (Folder::new("bulk"), scale());
    let facts: Vec<Vec<Fact>> = users()
        .chunks(100)
        .enumerate()
        .map(|(chunk, users)| {
            let numbered = users.iter().enumerate();
            numbered
                .flat_map(|(n, user)| (0..EACH).map(move |day| (user, chunk * 100 + n, day)))
                .map(|(user, n, day)| fact(user, n, &source, day))
                .collect()
        })
        .collect();
    run("bulk, user by user", &folder, facts.into_iter(), ">= 1,500,000/s");
}

/// As they arrive: all users interleaved, one in twenty late.
pub(crate) fn by_arrival() {
    let (folder, source, users) = (Folder::new("arrival"), scale(), users());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut late: Vec<Fact> = Vec::new();
    let mut batches = Vec::new();
    let mut batch = Vec::with_capacity(10_000);
    for day in 0..EACH {
        for (number, user) in users.iter().enumerate() {
            let fact = fact(user, number, &source, day);
            if dice.next(20) == 0 {
                late.push(fact);
            } else {
                batch.push(fact);
            }
            // What is late comes some thousand readings later.
            if late.len() > users.len() / 4 {
                let place = dice.next(late.len());
                batch.push(late.swap_remove(place));
            }
            if batch.len() >= 10_000 {
                batches.push(std::mem::replace(&mut batch, Vec::with_capacity(10_000)));
            }
        }
    }
    batch.extend(late);
    batches.push(batch);
    run("bulk, arrival order, 5 % late", &folder, batches.into_iter(), ">= 1,000,000/s");
}

/// Users that are known send one reading each, in any order.
pub(crate) fn live() {
    let (folder, source) = (Folder::new("live"), scale());
    let count = readings() / 4;
    let users: Vec<UserId> = (0..count).map(user).collect();
    let known = |day: usize| {
        let source = source.clone();
        users
            .chunks(10_000)
            .enumerate()
            .map(move |(chunk, users)| {
                let source = source.clone();
                users
                    .iter()
                    .enumerate()
                    .map(|(n, user)| fact(user, chunk * 10_000 + n, &source, day))
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    run("live: users made known", &folder, known(0).into_iter(), "-");
    let mut dice = Dice(7);
    let mut order: Vec<usize> = (0..count).collect();
    for place in (1..count).rev() {
        order.swap(place, dice.next(place + 1));
    }
    let facts: Vec<Vec<Fact>> = order
        .chunks(1_000)
        .map(|numbers| {
            numbers.iter().filter_map(|n| users.get(*n).map(|user| fact(user, *n, &source, 1))).collect()
        })
        .collect();
    run("live: one reading each, random order", &folder, facts.into_iter(), ">= 0.8 x raw redb");
    raw(count, &order);
}

/// The control: rows of the size of a head, spread, as the bare database takes them.
fn raw(count: usize, order: &[usize]) {
    use redb::{Database, TableDefinition};
    const RAW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("raw");
    let folder = Folder::new("raw");
    let database = Database::builder().set_cache_size(128 << 20).create(folder.at("raw.redb")).unwrap();
    let row = [7_u8; 900];
    let mut write = |numbers: &[usize]| {
        let mut transaction = database.begin_write().unwrap();
        transaction.set_quick_repair(true);
        {
            let mut table = transaction.open_table(RAW).unwrap();
            for number in numbers {
                table.insert(format!("user-{number:08}").as_bytes(), row.as_slice()).unwrap();
            }
        }
        transaction.commit().unwrap();
    };
    let all: Vec<usize> = (0..count).collect();
    all.chunks(10_000).for_each(&mut write);
    let ((), took) = time(|| order.chunks(10_000).for_each(&mut write));
    println!(
        "live: raw redb, spread rows of 900 B, 10,000 per commit: {:.0} rows/s",
        count as f64 / took.as_secs_f64()
    );
}

/// Opened again after it was killed in full flight.
pub(crate) fn reopen() {
    let (folder, source, users) = (Folder::new("reopen"), scale(), users());
    let settings = Settings {
        checkpoint_facts: u64::MAX,
        checkpoint_bytes: u64::MAX,
        tail_facts_max: u64::MAX,
        tail_bytes_max: u64::MAX,
        checkpoint_idle_ms: u32::MAX,
        ..Settings::default()
    };
    let engine = folder.engine(Settings::default());
    let half = EACH / 2;
    let day_batches = |days: std::ops::Range<usize>| {
        let (users, source) = (&users, &source);
        days.flat_map(move |day| {
            users.chunks(10_000).enumerate().map(move |(chunk, users)| {
                users
                    .iter()
                    .enumerate()
                    .map(|(n, user)| fact(user, chunk * 10_000 + n, source, day))
                    .collect::<Vec<_>>()
            })
        })
    };
    day_batches(0..half).for_each(|batch| drop(engine.ingest(batch).unwrap()));
    engine.close().unwrap();
    let engine = folder.engine(settings);
    let mut tail = 0;
    day_batches(half..half + 20).for_each(|batch| {
        tail += batch.len();
        engine.ingest(batch).unwrap();
    });
    // Killed: nothing is drained.
    drop(engine);
    let (engine, opened) = time(|| folder.engine(Settings::default()));
    let (_, first) = time(|| engine.state(users.first().unwrap()).unwrap());
    let ((), settled) = time(|| {
        engine.settle().unwrap();
        engine.checkpoint().unwrap();
    });
    println!(
        "reopen: {} readings, tail of {tail}: opened {opened:.2?}, first read {first:.2?}, all settled and in the main file {settled:.2?}; wanted first read < 1 s, all < 30 s",
        half * users.len() + tail
    );
    engine.close().unwrap();
}
