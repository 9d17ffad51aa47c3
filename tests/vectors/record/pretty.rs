//! JSON that a human can review: what fits stands on one line, the rest is indented.

use serde_json::Value;

const WIDTH: usize = 120;

/// The text of a file.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    part(value, 0, 0, &mut out);
    out.push('\n');
    out
}

/// Writes a value that begins after `taken` characters of a line indented by `indent`.
fn part(value: &Value, indent: usize, taken: usize, out: &mut String) {
    let line = inline(value);
    let shallow = indent > 4; // The file, its cases and each case are always spread out.
    let (open, close, parts): (char, char, Vec<(String, &Value)>) = match value {
        Value::Array(items) if !items.is_empty() => {
            ('[', ']', items.iter().map(|i| (String::new(), i)).collect())
        }
        Value::Object(members) if !members.is_empty() => (
            '{',
            '}',
            members
                .iter()
                .map(|(name, value)| (format!("{}: ", Value::String(name.clone())), value))
                .collect(),
        ),
        _ => return out.push_str(&line),
    };
    if shallow && indent + taken + line.chars().count() <= WIDTH {
        return out.push_str(&line);
    }
    out.push(open);
    for (index, (name, value)) in parts.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&" ".repeat(indent + 2));
        out.push_str(name);
        part(value, indent + 2, name.chars().count(), out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(close);
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let parts: Vec<_> =
                members.iter().map(|(n, v)| format!("{}: {}", Value::String(n.clone()), inline(v))).collect();
            format!("{{{}}}", parts.join(", "))
        }
        other => other.to_string(),
    }
}
