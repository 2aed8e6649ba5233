use super::*;
use proptest::prelude::*;

fn check(plain: &str, markdown: &str) {
    assert_eq!(escape(plain, Breaks::Hard), markdown);
    assert_eq!(unescape(markdown), plain);
}

#[test]
fn what_is_only_text_stays_as_it_is() {
    for plain in [
        "a < b && c > d",
        "snake_case and 3 * 4 * 5",
        r"C:\new\path",
        "~5 kg, 50 % (roughly) - fine!",
        "a[0] = b[1]",
        "AT&T",
        "✅ 🔄 é 漢字",
        "#5 and 1. and - x",
        "-->",
    ] {
        check(plain, plain);
    }
}

#[test]
fn what_would_be_markup_gets_a_backslash() {
    check("**bold** and `code`", r"\*\*bold\*\* and \`code\`");
    check("_emphasis_", r"\_emphasis\_");
    check("see [here](x)", r"see \[here](x)");
    check("<b> <!-- x -->", r"\<b> \<!-- x -->");
    check("&amp; &#62;", r"\&amp; \&#62;");
    check("~~gone~~", r"\~\~gone\~\~");
    check("a heading #", r"a heading \#");
    check(r"a\*b\", r"a\\\*b\\");
}

/// Proves S7.
#[test]
fn a_line_break_is_a_hard_break_and_injects_nothing() {
    check("one\ntwo", "one\\\ntwo");
    check("a\n\n  b", "a\\\n\\\n  b");
    check("note\n- [x] **fake**: done", "note\\\n\\- [x] \\*\\*fake\\*\\*: done");
    check("note\n## ✅ Completed", "note\\\n\\## ✅ Completed");
    check("note\n12. then\n> quoted\n=====", "note\\\n12\\. then\\\n\\> quoted\\\n\\=====");
    check("note\n* a * b", "note\\\n\\* a * b");
    check("a\\\nb", "a\\\\\\\nb");
}

#[test]
fn what_has_no_visible_form_is_a_reference() {
    check(" a ", "&#32;a&#32;");
    check("a\n", "a&#10;");
    check("\r\n", "&#13;&#10;");
    check("a\u{0}b\u{1b}", "a&#0;b&#27;");
    check("\\\u{7}", "\\\\&#7;");
    assert_eq!(escape("a\nb", Breaks::Reference), "a&#10;b");
}

#[test]
fn what_a_person_writes_is_read_leniently() {
    assert_eq!(unescape(r"*so* \o/ & &#xyz; &#99999999; \"), r"*so* \o/ & &#xyz; &#99999999; \");
    assert_eq!(unescape("&amp;"), "&amp;");
}

#[test]
fn a_code_span_holds_backticks() {
    for text in ["abc", "a`b", "``", "`a", "a` `b``c", "a b"] {
        assert_eq!(read_code_span(&code_span(text)), text);
    }
    assert_eq!(code_span("abc"), "`abc`");
    assert_eq!(code_span("`a"), "`` `a ``");
    assert_eq!(read_code_span("bare"), "bare");
    assert_eq!(read_code_span("`"), "`");
    assert_eq!(read_code_span("``"), "");
    assert_eq!(read_code_span("`a` and `b"), "`a` and `b");
}

/// Text made of what hurts, so that short cases reach the corners.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "\n", "\n\n", " ", "\t", "\\", "`", "```", "*", "**", "_", "~", "~~", "<", "<!--", "-->", ">", "&", "&#10;",
            "&amp;", ";", "[", "]", "](", "[x]", "- [x] **a**: b", "- ", "+ ", "#", "## Notes", "### Wave 2", "---", "===",
            "1.", "2)", "|", ":", ",", "(+2 more)", "✅", "👩‍👩‍👧", "é", "\u{0}", "\u{1b}", "\r", "\r\n", "\u{2028}", "\u{feff}",
            "\u{a0}", "  - Commit: `x`", "**Status:** Wave 7/9", "a", "word", "2026-03-01T10:00:00Z", "^", "!",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Proves S7, G7.
    #[test]
    fn any_text_comes_back_exactly(plain in hostile()) {
        for breaks in [Breaks::Hard, Breaks::Reference] {
            let markdown = escape(&plain, breaks);
            prop_assert_eq!(&unescape(&markdown), &plain);
            prop_assert_eq!(markdown.trim(), &markdown);
            prop_assert!(!ends_in_break(&markdown));
            prop_assert!(breaks == Breaks::Hard || !markdown.contains('\n'));
        }
        let entry = escape_entry(&plain);
        prop_assert_eq!(find_unescaped(&entry, ','), None);
        prop_assert_eq!(&unescape(&entry), &plain);
        let hidden = escape_hidden(&plain);
        prop_assert!(!hidden.contains(['>', '\n']));
        prop_assert_eq!(&unescape(&hidden), &plain);
    }
}
