//! What content costs: a typical note, and 1 MiB of the worst.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fedigraft::content::{Linker, MentionLink, markdown, plain, sanitise, text};
use std::hint::black_box;

/// Resolves every name, as a host with all accounts at hand would.
struct All;

impl Linker for All {
    fn mention(&self, user: &str, domain: Option<&str>) -> Option<MentionLink> {
        let domain = domain.unwrap_or("example.com");
        Some(MentionLink {
            href: format!("https://{domain}/users/{user}"),
            url: format!("https://{domain}/@{user}"),
            acct: format!("{user}@{domain}"),
        })
    }

    fn hashtag(&self, tag: &str) -> Option<String> {
        Some(format!("https://example.com/tags/{tag}"))
    }
}

/// A note as Mastodon sends it, of about `bytes` bytes.
fn note(bytes: usize) -> String {
    const PARAGRAPH: &str = "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://social.example/@alice\" class=\"u-url mention\">@<span>alice</span></a></span> The river was high this morning &amp; the path under the bridge is gone.<br />Pictures: <a href=\"https://photos.example.org/albums/2026/november/river\" target=\"_blank\" rel=\"nofollow noopener noreferrer\" translate=\"no\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">photos.example.org/albums/2026</span><span class=\"invisible\">/november/river</span></a> <a href=\"https://social.example/tags/river\" class=\"mention hashtag\" rel=\"tag\">#<span>river</span></a></p>";
    let mut note = String::new();
    while note.len() < bytes {
        note.push_str(PARAGRAPH);
    }
    note
}

/// The same note as servers with other markup send it: a tree is needed.
fn foreign_note(bytes: usize) -> String {
    note(bytes)
        .replace("<p>", "<div class=\"post\"><h3>River</h3><p dir=\"auto\">")
        .replace("</p>", "</p></div>")
}

fn repeated(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len())
}

/// Input made to be slow, of about `bytes` bytes each.
fn hostile(bytes: usize) -> Vec<(&'static str, String)> {
    let numbered = |unit: &str| -> String {
        let mut out = String::new();
        let mut n = 0;
        while out.len() < bytes {
            out.push_str(&unit.replace('#', &n.to_string()));
            n += 1;
        }
        out
    };
    vec![
        ("div", repeated("<div>", bytes)),
        ("a div", repeated("<a><div>", bytes)),
        ("a href p", repeated("<a href=https://e.com/><p>", bytes)),
        ("b p", numbered("<b lang=#>").split_at(bytes / 2).0.to_owned() + &repeated("<p>", bytes / 2)),
        ("font p", numbered("<font size=#>").split_at(900).0.to_owned() + &repeated("<p>x", bytes)),
        ("attributes", format!("<p {}>", numbered("a# "))),
        ("entities", repeated("&notit;&amp", bytes)),
        ("ampersands", repeated("&", bytes)),
        ("less than", repeated("<", bytes)),
        ("end tags", repeated("<b>", 270) + &repeated("</p>", bytes)),
        ("tables", repeated("<table><tr><td>", bytes)),
        ("table text", format!("<table>{}", repeated("x<b>", bytes))),
        ("select", repeated("<select><option>", bytes)),
        ("comments", repeated("<!--", bytes)),
        ("svg", repeated("<svg><p>", bytes)),
        ("template", repeated("<template>", bytes)),
        ("quotes", repeated("<a href=\"", bytes)),
        ("text", repeated("word ", bytes)),
        ("urls", repeated("https://a.com/(", bytes)),
        ("dots", format!("https://{}", repeated("a.", bytes))),
        ("mentions", repeated("@a.", bytes)),
        ("emphasis", repeated("*a _b ", bytes)),
        ("brackets", repeated("[", bytes)),
        ("quotes md", repeated(">", bytes)),
    ]
}

fn typical(c: &mut Criterion) {
    let mut group = c.benchmark_group("typical");
    for bytes in [1_000, 2_000] {
        let (mastodon, foreign) = (note(bytes), foreign_note(bytes));
        group.throughput(Throughput::Bytes(mastodon.len() as u64));
        group.bench_with_input(BenchmarkId::new("sanitise note", bytes), &mastodon, |b, note| {
            b.iter(|| sanitise::html(black_box(note)));
        });
        group.throughput(Throughput::Bytes(foreign.len() as u64));
        group.bench_with_input(BenchmarkId::new("sanitise with a tree", bytes), &foreign, |b, note| {
            b.iter(|| sanitise::html(black_box(note)));
        });
        group.bench_with_input(BenchmarkId::new("plain from HTML", bytes), &mastodon, |b, note| {
            b.iter(|| plain::from_html(black_box(note)));
        });
    }
    let post =
        "Hello @bob@remote.example, the #river was high: https://photos.example.org/albums/2026/november\n\n"
            .repeat(5);
    group.throughput(Throughput::Bytes(post.len() as u64));
    group
        .bench_function("text to HTML, 500 characters", |b| b.iter(|| text::to_html(black_box(&post), &All)));
    group.bench_function("Markdown to HTML, 500 characters", |b| {
        b.iter(|| markdown::to_html(black_box(&post), &All));
    });
    group.finish();
}

fn worst(c: &mut Criterion) {
    for bytes in [100_000, 1_048_576] {
        let mut group = c.benchmark_group(format!("worst {bytes}"));
        group.sample_size(10);
        for (name, input) in hostile(bytes) {
            group.bench_with_input(BenchmarkId::new("sanitise", name), &input, |b, input| {
                b.iter(|| sanitise::html(black_box(input)));
            });
            group.bench_with_input(BenchmarkId::new("plain", name), &input, |b, input| {
                b.iter(|| plain::from_html(black_box(input)));
            });
            group.bench_with_input(BenchmarkId::new("text", name), &input, |b, input| {
                b.iter(|| text::to_html(black_box(input), &All));
            });
            group.bench_with_input(BenchmarkId::new("markdown", name), &input, |b, input| {
                b.iter(|| markdown::to_html(black_box(input), &All));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, typical, worst);
criterion_main!(benches);
