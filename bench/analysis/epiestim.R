# SPDX-License-Identifier: GPL-3.0-or-later
# epiestim.R: times EpiEstim's estimate_R on the series of bench/analysis/reproduction and writes what it found.
#
# usage: Rscript epiestim.R SERIES POINTS VALUES RESULTS
# Prints the seconds a window, one core.
suppressMessages(library(EpiEstim))
arguments <- commandArgs(TRUE)
series <- as.integer(arguments[1])
points <- as.integer(arguments[2])
values <- matrix(scan(arguments[3], quiet = TRUE), points, series)
start <- 2:(points - 6)
config <- suppressMessages(make_config(list(mean_si = 4.7, std_si = 2.9, t_start = start, t_end = start + 6)))
seconds <- 0
lines <- character(0)
for (s in seq_len(series)) {
  seconds <- seconds + sum(system.time(suppressWarnings(suppressMessages(
    result <- estimate_R(values[, s], method = "parametric_si", config = config))))[c("user.self", "sys.self")])
  lines <- c(lines, paste(format(result$R[["Mean(R)"]], digits = 15), format(result$R[["Quantile.0.025(R)"]], digits = 15),
                          format(result$R[["Quantile.0.975(R)"]], digits = 15)))
}
writeLines(lines, arguments[4])
cat(format(seconds / (series * length(start)), digits = 9), "\n")
