/**
 * The subset of Service Bus's SQL filter and action language that the broker runs, as a grammar for peggy.
 * Filters yield an expression tree; actions yield a list of assignments.
 */
export const sqlGrammar = String.raw`
Filter = _ e:Or _ { return e; }
Action = _ head:Statement tail:(_ ";" _ s:Statement { return s; })* _ ";"? _ { return [head, ...tail]; }

Statement
  = "SET"i Break _ p:Property _ "=" _ v:Sum { return { op: "set", name: p.name, value: v }; }
  / "REMOVE"i Break _ p:Property { return { op: "remove", name: p.name }; }

Or = head:And tail:(_ "OR"i Break _ e:And { return e; })* { return tail.reduce((a, b) => ({ op: "or", a, b }), head); }
And = head:Not tail:(_ "AND"i Break _ e:Not { return e; })* { return tail.reduce((a, b) => ({ op: "and", a, b }), head); }
Not = "NOT"i Break _ e:Not { return { op: "not", a: e }; } / Comparison

Comparison
  = a:Sum _ op:("<>" / "!=" / "<=" / ">=" / "=" / "<" / ">") _ b:Sum { return { op: op === "!=" ? "<>" : op, a, b }; }
  / a:Sum _ "IS"i Break _ n:("NOT"i Break _)? "NULL"i Break { const e = { op: "null", a }; return n ? { op: "not", a: e } : e; }
  / a:Sum _ n:("NOT"i Break _)? "IN"i Break _ "(" _ head:Sum tail:(_ "," _ e:Sum { return e; })* _ ")" {
      const e = { op: "in", a, list: [head, ...tail] }; return n ? { op: "not", a: e } : e; }
  / a:Sum _ n:("NOT"i Break _)? "LIKE"i Break _ b:Sum esc:(_ "ESCAPE"i Break _ s:String { return s.value; })? {
      const e = { op: "like", a, b, escape: esc }; return n ? { op: "not", a: e } : e; }
  / Sum

Sum = head:Product tail:(_ op:[+-] _ e:Product { return { op, e }; })* { return tail.reduce((a, t) => ({ op: t.op, a, b: t.e }), head); }
Product = head:Unary tail:(_ op:[*/%] _ e:Unary { return { op, e }; })* { return tail.reduce((a, t) => ({ op: t.op, a, b: t.e }), head); }
Unary = "-" _ e:Unary { return { op: "negate", a: e }; } / "+" _ e:Unary { return e; } / Primary

Primary
  = "(" _ e:Or _ ")" { return e; }
  / "EXISTS"i _ "(" _ p:Property _ ")" { return { op: "exists", name: p.name, scope: p.scope }; }
  / "TRUE"i Break { return { op: "value", value: true }; }
  / "FALSE"i Break { return { op: "value", value: false }; }
  / Number / String / Property

Number = digits:$([0-9]+ ("." [0-9]+)? ([eE] [+-]? [0-9]+)?) { return { op: "value", value: Number(digits) }; }
String = "'" chars:("''" { return "'"; } / [^'])* "'" { return { op: "value", value: chars.join("") }; }
Property = scope:(s:("sys"i / "user"i) "." { return s.toLowerCase(); })? name:Name { return { op: "property", scope: scope ?? "user", name }; }
Name = "[" chars:("]]" { return "]"; } / [^\]])+ "]" { return chars.join(""); } / '"' chars:[^"]+ '"' { return chars.join(""); } / !Reserved name:$([A-Za-z_@#] [A-Za-z0-9_@#$]*) { return name; }
Reserved = ("AND"i / "OR"i / "NOT"i / "IN"i / "LIKE"i / "IS"i / "NULL"i / "ESCAPE"i) Break
Break = ![A-Za-z0-9_]
_ = [ \t\r\n]*
`;
