/// A dozen types that everything else stands on: sizes, deadlines, undoing, and what is said to people.
module dev.hostal.base {
    exports dev.hostal.base;
}
