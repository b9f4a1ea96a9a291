module stopper

go 1.26
